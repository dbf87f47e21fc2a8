/** A program with which newsyslog(8) or logrotate compresses, and the bytes with which its output begins. */
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

/** How many bytes of a file show whether it is compressed. */
export const longestMagic = 6

/** The program that has compressed a file which begins with these bytes, if any; `PROGRAM -d -c` undoes it. */
export const compressionOf = (head: Uint8Array): Compression["program"] | undefined =>
  compressions.find(({ magic }) => head.length >= magic.length && magic.every((byte, index) => head[index] === byte))
    ?.program
