import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** How many bytes may be read before the buffers that they came in are given back. */
const readBetween = 4 * 1024 * 1024

/**
 * Gives the memory of read buffers back in time. Node reads each chunk into a new buffer of 64 KiB outside V8's heap, and V8
 * frees those when its young generation is full. We leave it so little garbage that this is late: it then holds some hundred
 * MB, and marks its whole heap again and again for them. Clearing the young generation costs a millisecond, every few MiB.
 */
export class ReadBuffers {
  private read = 0
  private clear: (() => void) | undefined

  /** So many bytes more were read, and are not needed any more. */
  done(bytes: number): void {
    this.read += bytes
    if (this.read < readBetween) return
    this.read = 0
    this.clear ??= clearer()
    this.clear()
  }
}

/** V8's own function for it, which it hands out to a new context only, once the flag is set. */
const clearer = (): (() => void) => {
  setFlagsFromString("--expose-gc")
  const collect: unknown = runInNewContext("gc")
  setFlagsFromString("--no-expose-gc")
  return typeof collect === "function" ? () => collect({ type: "minor" }) : () => undefined
}
