import * as fs from "node:fs"
import { basename, dirname, join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { explain, systemCall } from "../../host/Errno.ts"
import { type NewFileError, replaceFile } from "../../host/NewFile.ts"
import type { NeverBanEntry } from "../../host/neverban/NeverBanList.ts"
import { readSmallFile } from "../../host/SmallFile.ts"
import type { ClientDumpError } from "../client/ClientDump.ts"
import { type ChangedFiles, readChangedDump } from "../client/ConfigurationCopy.ts"
import { JailOptions, jailNames } from "../client/JailOptions.ts"
import { parseConfigText } from "../filter/ConfigText.ts"
import { type DropIn, dropInText, firstName, isUntouched, listName } from "./DropIn.ts"

/**
 * The list cannot be put in place.
 *
 * - `edited`: the file is not ours, or was changed
 * - `outdone`: the configuration around it keeps the list from having an effect, or from adding to the `ignoreip` that is set
 */
export class PlacementError extends Data.TaggedError("PlacementError")<{
  readonly reason: "edited" | "outdone"
  readonly message: string
}> {}

/** What putting the list in place has done. */
export interface Placement {
  /** The files that hold the list, or the default that it needs. */
  readonly files: ReadonlyArray<string>
  /** Whether any of them was written or removed. */
  readonly changed: boolean
  /** The jails that have the list now. */
  readonly jails: ReadonlyArray<string>
  /** Whether fail2ban has read it in a trial; it has not where the file is outside of a fail2ban configuration. */
  readonly tried: boolean
}

const mode = 0o644

/**
 * Puts the list into a jail.d of fail2ban, so that it adds to the `ignoreip` that the administrator has set, in whatever file that
 * is: fail2ban itself first reads a copy of its configuration with the list.
 *
 * @param file where the list goes; the file that must come first goes into the same folder
 * @param jail the name of a jail that gets the list; others that follow one of `logs` get it, too
 */
export const placeIgnoreip = (
  file: string,
  jail: string,
  logs: ReadonlyArray<string>,
  entries: ReadonlyArray<NeverBanEntry>
): Effect.Effect<Placement, PlacementError | ClientDumpError | NewFileError> =>
  Effect.gen(function* () {
    const folder = dirname(file)
    const ours = [...new Set([basename(file), firstName, listName])]
    if (!(yield* isFail2ban(folder))) {
      const text = dropInText({ addsTo: "known", withDefault: false, jails: [jail] }, entries)
      yield* refuseEdited(file)
      return { files: [file], changed: yield* put(file, text), jails: [jail], tried: false }
    }
    for (const name of ours) yield* refuseEdited(join(folder, name))
    const before = yield* jailsWithout(dirname(folder), jail, ours)
    const jails = before.filter((options) => options.jail === jail || options.logs.some((log) => logs.includes(log)))
    const names = jails.map((options) => options.jail)
    for (const candidate of candidatesFor(basename(file), names)) {
      const texts = new Map([...candidate].map(([name, dropIn]) => [name, dropInText(dropIn, entries)]))
      const after = yield* jailsWith(dirname(folder), jail, { without: ours, files: texts })
      if (!haveAll(after, jails, entries)) continue
      const changes = [
        ...(yield* Effect.forEach([...texts], ([name, text]) => put(join(folder, name), text))),
        ...(yield* Effect.forEach(
          ours.filter((name) => !texts.has(name)),
          (name) => remove(join(folder, name))
        ))
      ]
      return {
        files: [...texts.keys()].map((name) => join(folder, name)),
        changed: changes.includes(true),
        jails: names,
        tried: true
      }
    }
    return yield* outdone(folder, names, ours)
  })

type Candidate = ReadonlyMap<string, DropIn>

/**
 * The ways to add the list, the best first. Best, the list comes last, so that a jail's own `ignoreip` does not replace it, and an
 * empty default comes first, in case no file sets one, now or after the next edit. The default is left out where it would replace
 * one in jail.conf. Where the jail's own `ignoreip` adds to an earlier one (`%(known/ignoreip)s`), the list must be the earlier one.
 */
const candidatesFor = (last: string, jails: ReadonlyArray<string>): ReadonlyArray<Candidate> => {
  const list: DropIn = { addsTo: "known", withDefault: false, jails }
  return [
    new Map([
      [firstName, { addsTo: "default", withDefault: true, jails: [] }],
      [last, list]
    ]),
    new Map([[last, list]]),
    new Map([[firstName, { addsTo: "default", withDefault: true, jails }]]),
    new Map([[firstName, { addsTo: "default", withDefault: false, jails }]])
  ]
}

/** The jails as fail2ban reads them with changed files; none where it refuses them. */
const jailsWith = (
  folder: string,
  jail: string,
  changed: ChangedFiles
): Effect.Effect<ReadonlyArray<JailOptions>, ClientDumpError> =>
  readJails(folder, jail, changed).pipe(Effect.catchIf(isRefusal, () => Effect.succeed([])))

/** The jails as fail2ban reads them without our own files. */
const jailsWithout = (
  folder: string,
  jail: string,
  ours: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<JailOptions>, PlacementError | ClientDumpError> =>
  readJails(folder, jail, { without: ours, files: new Map() }).pipe(
    Effect.catchIf(isRefusal, ({ why }) =>
      outdoneBy(`fail2ban cannot read its configuration as it is: ${why}. Correct that first.`)
    ),
    Effect.filterOrElse(
      (jails) => jails.some((options) => options.jail === jail),
      () => outdoneBy(`fail2ban has no jail ${jail}. Install it and its filter first (scripts/install).`)
    )
  )

const readJails = (folder: string, jail: string, changed: ChangedFiles) =>
  Effect.map(readChangedDump(folder, jail, changed), ({ commands }) =>
    jailNames(commands).map((name) => new JailOptions(commands, name))
  )

const isRefusal = ({ reason }: ClientDumpError): boolean => reason === "refused" || reason === "failed"

const haveAll = (
  after: ReadonlyArray<JailOptions>,
  before: ReadonlyArray<JailOptions>,
  entries: ReadonlyArray<NeverBanEntry>
): boolean =>
  before.every(({ ignoreip, jail }) => {
    const found = after.find((options) => options.jail === jail)?.ignoreip ?? []
    return [...ignoreip, ...entries.map(({ network }) => network.text)].every((entry) => found.includes(entry))
  })

const outdoneBy = (message: string) => Effect.fail(new PlacementError({ reason: "outdone", message }))

/** No way adds the list: a later file replaces the jail's `ignoreip`. */
const outdone = (folder: string, jails: ReadonlyArray<string>, ours: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const names = yield* systemCall<Array<string>>((done) => fs.readdir(folder, done)).pipe(
      Effect.orElseSucceed(() => [])
    )
    const candidates = names.filter((name) => /\.(conf|local)$/.test(name) && !ours.includes(name))
    const paths = [join(dirname(folder), "jail.local"), ...candidates.toSorted().map((name) => join(folder, name))]
    const texts = yield* Effect.forEach(paths, textOf)
    const setting = paths.filter((_path, index) => setsIgnoreip(texts[index] ?? "", jails))
    const where = setting.length === 0 ? "" : ` (set in ${setting.join(", ")})`
    return yield* outdoneBy(
      `no file in ${folder} can add to the ignoreip of ${jails.join(", ")}${where}: fail2ban would ignore the list or refuse its ` +
        'configuration. Nothing was written. Let that ignoreip begin with "%(known/ignoreip)s", or move it to guard.never.'
    )
  })

const setsIgnoreip = (text: string, jails: ReadonlyArray<string>): boolean => {
  const sections = Either.getOrElse(parseConfigText(text), () => new Map<string, Map<string, string>>())
  return jails.some((jail) => sections.get(jail)?.has("ignoreip") === true)
}

/** Whether a folder is the jail.d of a fail2ban configuration. */
const isFail2ban = (folder: string): Effect.Effect<boolean> =>
  basename(folder) === "jail.d"
    ? Effect.map(textOf(join(dirname(folder), "jail.conf")), (text) => text !== undefined)
    : Effect.succeed(false)

/** The text of a file; nothing where it is missing, too large, a link or no regular file. */
const textOf = (path: string): Effect.Effect<string | undefined> =>
  readSmallFile(path, "refuse").pipe(
    Effect.map(String),
    Effect.orElseSucceed(() => undefined)
  )

const refuseEdited = (path: string): Effect.Effect<void, PlacementError> =>
  Effect.gen(function* () {
    const exists = yield* systemCall<fs.Stats>((done) => fs.lstat(path, done)).pipe(
      Effect.as(true),
      Effect.catchIf(
        ({ code }) => code === "ENOENT",
        () => Effect.succeed(false)
      ),
      Effect.orElseSucceed(() => true)
    )
    const text = exists ? yield* textOf(path) : undefined
    if (!exists || (text !== undefined && isUntouched(text))) return
    return yield* new PlacementError({
      reason: "edited",
      message: `${path} was edited, or is not ours, so it stays as it is. Move it away, or name another FILE.`
    })
  })

/** Writes a file where its text differs; returns whether it did. */
const put = (path: string, text: string): Effect.Effect<boolean, NewFileError> =>
  Effect.flatMap(textOf(path), (found) =>
    found === text ? Effect.succeed(false) : Effect.as(replaceFile(path, text, mode), true)
  )

const remove = (path: string): Effect.Effect<boolean, PlacementError> =>
  systemCall<void>((done) => fs.unlink(path, done)).pipe(
    Effect.as(true),
    Effect.catchAll((error) =>
      error.code === "ENOENT"
        ? Effect.succeed(false)
        : new PlacementError({ reason: "edited", message: `${path} cannot be removed: ${explain(error)}.` })
    )
  )
