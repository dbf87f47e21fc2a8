/** Cuts the bytes of tcpdump's stderr into lines. */
export interface LineSplitter {
  /** The lines that these bytes complete, without their ends, one character a byte. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<string>
  /** What is left when the stream has ended. */
  readonly end: () => ReadonlyArray<string>
}

const longest = 4096

/** Makes a splitter; a line longer than 4096 bytes is cut there, since stderr only holds messages. */
export const makeLineSplitter = (): LineSplitter => {
  let rest = ""
  return {
    push: (bytes) => {
      const lines = (rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")).split(
        "\n"
      )
      rest = (lines.pop() ?? "").slice(0, longest)
      return lines.map((line) => line.slice(0, longest))
    },
    end: () => {
      const last = rest === "" ? [] : [rest]
      rest = ""
      return last
    }
  }
}
