import * as v8 from "node:v8"

/**
 * Keeps the part of V8's heap where new objects lie as small as it is at the start.
 *
 * Node takes a buffer of 64 KiB for each read from a child's socket, outside the heap, and frees it when that part is full. In a flood
 * V8 would let it grow to 32 MiB: the peak of a million packets is 131 MiB with growth and 114 without, at the same CPU
 * (Node 20). V8 asks for this setting each time it grows; the usual flag for it, `--max-semi-space-size`, counts at Node's start
 * only.
 */
export const keepYoungHeapSmall = (): void => v8.setFlagsFromString("--semi-space-growth-factor=1")

/**
 * Has a function run 15 times as long as usual before it is optimized: V8's compiler took 0.3 s of the 1.5 s of CPU of a million
 * packets, much of it for functions of Effect's that run a few times a batch. This saves 0.1 s (Node 20). From Node 22 on V8 waits
 * longer by itself, and does not know the flag, about which it would complain.
 */
export const compileLater = (): void => {
  if (Number.parseInt(process.versions.v8, 10) < 12) v8.setFlagsFromString("--interrupt-budget=1000000")
}
