/** A program that newsyslog(8) or logrotate compresses with, and how what it writes begins. */
export interface Compression {
  readonly program: "bzip2" | "gzip" | "xz" | "zstd"
  readonly magic: ReadonlyArray<number>
}

const compressions: ReadonlyArray<Compression> = [
  { program: "bzip2", magic: [0x42, 0x5a, 0x68] },
  { program: "gzip", magic: [0x1f, 0x8b] },
  { program: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { program: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd] }
]

/** How many bytes tell a compressed file from others. */
export const longestMagic = 6

/** The program that has compressed what begins with these bytes, if any; `PROGRAM -d -c` undoes it. */
export const compressionOf = (head: Uint8Array): Compression["program"] | undefined =>
  compressions.find(({ magic }) => head.length >= magic.length && magic.every((byte, index) => head[index] === byte))
    ?.program
