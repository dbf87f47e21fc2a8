import * as vm from "node:vm"

const taskName = "pfasciilogdTask"
const call = new vm.Script(`globalThis.${taskName}()`)

/**
 * Runs a task on this thread, and ends it where it takes too long: there is no other way to end a regular expression that
 * backtracks without end. Each call starts a thread that watches the time (0.1 ms).
 *
 * @returns whether the task has ended by itself
 */
export const endsWithin = (millis: number, task: () => void): boolean => {
  Object.defineProperty(globalThis, taskName, { value: task, configurable: true })
  try {
    call.runInThisContext({ timeout: millis })
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false
    throw error
  }
}
