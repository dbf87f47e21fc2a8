import type { ConfigurationError } from "../config/ConfigurationError.ts"
import type { PipelineError } from "../run/Pipeline.ts"

/** Exit statuses, after sysexits(3). */
export const ExitStatus = {
  ok: 0,
  findings: 1,
  usage: 64,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cantCreate: 73,
  ioError: 74,
  noPermission: 77,
  configuration: 78
} as const

/** What each of them means, for people. */
export const statusMeanings: Readonly<Record<keyof typeof ExitStatus, string>> = {
  ok: "all is well",
  findings: "something was found that needs attention",
  usage: "the command line is wrong",
  noInput: "an input does not exist or cannot be read",
  unavailable: "a program that is needed does not work, or another instance runs",
  software: "an error of pfasciilogd itself: please report it",
  cantCreate: "a file cannot be created or opened for writing",
  ioError: "the output cannot be written, or lines were lost",
  noPermission: "the permission is missing",
  configuration: "the configuration cannot be used"
}

/** The exit status for the kind of error that ended `run`. */
export const exitStatusOf = (error: PipelineError | ConfigurationError): number => {
  switch (error._tag) {
    case "ConfigurationError":
      return error.reason === "usage" ? ExitStatus.usage : ExitStatus.configuration
    case "SavedCaptureError":
      return ExitStatus.noInput
    case "LogLostError":
    case "StopOverdueError":
      return ExitStatus.ioError
    case "TcpdumpError":
      return error.reason === "permission" ? ExitStatus.noPermission : ExitStatus.unavailable
    case "LogFileError":
      if (error.reason === "held") return ExitStatus.unavailable
      return error.reason === "permission" ? ExitStatus.noPermission : ExitStatus.cantCreate
    case "PidFileError":
      if (error.reason === "running") return ExitStatus.unavailable
      return error.reason === "permission" ? ExitStatus.noPermission : ExitStatus.cantCreate
  }
}
