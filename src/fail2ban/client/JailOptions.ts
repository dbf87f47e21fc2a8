import type { FilterDefinition } from "../filter/FilterFile.ts"
import type { ServerCommand } from "./ClientDump.ts"
import type { PythonValue } from "./PythonLiteral.ts"

/** The names of the enabled jails among the commands of the server. */
export const jailNames = (commands: ReadonlyArray<ServerCommand>): ReadonlyArray<string> =>
  commands.filter(([verb]) => verb === "add").map(([, name]) => String(name))

/** The options of one jail among the commands of the server, with all defaults resolved. */
export class JailOptions {
  readonly jail: string
  private readonly commands: ReadonlyArray<ServerCommand>

  constructor(commands: ReadonlyArray<ServerCommand>, jail: string) {
    this.jail = jail
    this.commands = commands.filter(([verb, name]) => (verb === "set" || verb === "multi-set") && name === jail)
  }

  /** All values of an option: `set JAIL KEY VALUE …`, or `multi-set JAIL KEY [VALUE, …]`. */
  values(key: string): ReadonlyArray<PythonValue> {
    return this.commands
      .filter(([, , option]) => option === key)
      .flatMap(([, , , ...values]): ReadonlyArray<PythonValue> => values.flat())
  }

  /** The values of an option that are texts. */
  texts(key: string): ReadonlyArray<string> {
    return this.values(key).filter((value) => typeof value === "string")
  }

  /** The last value of an option: the one that counts. */
  last(key: string): PythonValue | undefined {
    return this.values(key).at(-1)
  }

  /** The files that the jail follows: `set JAIL addlogpath PATH head`. */
  get logs(): ReadonlyArray<string> {
    return this.commands.filter(([, , option]) => option === "addlogpath").map(([, , , path]) => String(path))
  }

  /** Addresses, networks and names that the jail never bans. */
  get ignoreip(): ReadonlyArray<string> {
    return this.texts("addignoreip")
  }

  /** What decides which lines the jail counts. */
  get filter(): FilterDefinition {
    return {
      name: this.jail,
      prefregex: this.texts("prefregex")[0],
      failregex: this.texts("addfailregex"),
      ignoreregex: this.texts("addignoreregex"),
      datepattern: this.texts("datepattern")[0],
      usedns: this.texts("usedns")[0]
    }
  }
}
