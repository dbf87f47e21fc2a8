import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Folder, folderOf } from "../host/Folder.ts"
import * as Service from "./Services.ts"

/** Warns where others than root and we can change what we rely on, and of a log that can't be held. */
export const warnOfFolders: Effect.Effect<
  void,
  never,
  Service.Configuration | Service.MainLog | Service.Notices | Service.ScanLog
> = Effect.gen(function* () {
  const configuration = yield* Service.Configuration
  const notices = yield* Service.Notices
  const logs = yield* Service.allLogs
  const files = [...logs.map(({ path }) => path), configuration.process.pidFile]
  const folders = yield* Effect.forEach(files, (file) => Effect.option(folderOf(file)))
  const shared = folders.flatMap(Option.toArray).filter(({ why }) => why !== "")
  for (const why of new Set(shared.map(describeDanger))) yield* notices.announce("warning", why)
  for (const { path, notHeld } of logs) {
    if (notHeld === undefined) continue
    const why = `the log ${path} can't be held against a second writer: ${notHeld}. See to it that no other instance writes to it.`
    yield* notices.announce("warning", why)
  }
})

const describeDanger = ({ why, remedy }: Folder): string =>
  `${why}, and so can remove or replace our files there. Take that right away (${remedy}), or set another path.`
