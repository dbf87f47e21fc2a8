import "./OnlyNode.ts"

/**
 * The build puts this before the program, so that it runs first: from here on none of these signals ends the process by accident.
 * Without a listener HUP and USR2 would kill it, and USR1 would open Node's inspector on a local port.
 */
const ignore = (): void => undefined

for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) process.on(signal, ignore)
// INFO does not exist on Linux, where Node refuses the name.
if (process.platform !== "linux") process.on("SIGINFO", ignore)

/** A USR1 that came while Node itself started has opened the inspector, or is about to. */
const closeInspector = async (): Promise<void> => {
  // Loaded after the listeners are set, and only where this Node has an inspector: some are built without.
  const inspector = await import("node:inspector")
  const close = () => {
    if (inspector.url() !== undefined) inspector.close()
  }
  close()
  setImmediate(close)
}
if (process.features.inspector && !process.execArgv.some((flag) => flag.startsWith("--inspect"))) void closeInspector()
