/** Whether what goes to stdout may be coloured: on a terminal, unless NO_COLOR is set (https://no-color.org). */
export const usesColour = (): boolean => process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
