import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { judgeFolder } from "../../src/host/Folder.ts"
import { temporaryFolder } from "../support/Descriptors.ts"

const nobody = 65534

/** A folder in one of our own, with these permissions and this owner. */
const folderWith = (mode: number, owner = 0, group = 0) =>
  Effect.map(temporaryFolder, (outer) => {
    const folder = path.join(outer, "inner")
    fs.mkdirSync(folder)
    fs.chownSync(folder, owner, group)
    fs.chmodSync(folder, mode)
    return folder
  })

describe.runIf(process.getuid?.() === 0)("judgeFolder", () => {
  it.scopedLive.each([
    ["private", 0o755, 0],
    ["private", 0o700, 0],
    ["sticky", 0o1777, 0],
    ["sticky", 0o1775, 0],
    ["group", 0o775, 0],
    ["open", 0o777, 0],
    ["open", 0o757, 0],
    ["open", 0o755, nobody],
    ["open", 0o1777, nobody],
    ["open", 0o500, nobody]
  ] as const)("calls it %s where its mode and its owner say so (%#)", ([openness, mode, owner]) =>
    Effect.gen(function* () {
      const folder = yield* folderWith(mode, owner)
      const judged = yield* judgeFolder(folder)
      expect(judged).toMatchObject({ openness, owner })
      expect(judged.remedy === "").toBe(openness === "private" || openness === "sticky")
    })
  )

  it.scopedLive.each([
    ["everybody can write to it", 0o777, 0],
    ["a group can write to it", 0o775, 0],
    ["another user owns it", 0o755, nobody]
  ] as const)("calls what lies in a folder loose where %s, and names that folder", ([, mode, owner]) =>
    Effect.gen(function* () {
      const outer = yield* folderWith(mode, owner)
      fs.mkdirSync(path.join(outer, "a", "b"), { recursive: true, mode: 0o755 })
      const judged = yield* judgeFolder(path.join(outer, "a", "b"))
      expect(judged.openness).toBe("loose")
      expect(judged.remedy.endsWith(` ${outer}`)).toBe(true)
    })
  )

  it.scopedLive("calls another user's folder loose where it lies in a sticky one: its owner can rename it", () =>
    Effect.gen(function* () {
      const outer = yield* folderWith(0o1777)
      const folder = path.join(outer, "node_exporter")
      fs.mkdirSync(folder)
      expect((yield* judgeFolder(folder)).openness).toBe("private")
      fs.chownSync(folder, nobody, nobody)
      const judged = yield* judgeFolder(folder)
      expect(judged).toMatchObject({ openness: "loose", owner: nobody, why: `user ${nobody} owns ${folder}` })
    })
  )

  it.scopedLive("judges a link by who can replace it, and by what it leads to", () =>
    Effect.gen(function* () {
      const [shared, safe] = [yield* folderWith(0o777), yield* folderWith(0o755)]
      fs.symlinkSync(safe, path.join(shared, "link"))
      expect((yield* judgeFolder(path.join(shared, "link"))).openness).toBe("loose")
      fs.symlinkSync(shared, path.join(safe, "link"))
      expect((yield* judgeFolder(path.join(safe, "link"))).openness).toBe("open")
      fs.symlinkSync("..", path.join(safe, "up"))
      expect((yield* judgeFolder(path.join(safe, "up", "inner"))).openness).toBe("private")
      expect((yield* judgeFolder(`${safe}/link/..`)).openness).toBe("private")
    })
  )

  it.scopedLive("fails as the kernel does: nothing there, a file in a folder's place, links in a circle", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(0o755)
      fs.writeFileSync(path.join(folder, "file"), "")
      fs.symlinkSync("circle", path.join(folder, "circle"))
      const codeOf = (name: string) => Effect.map(Effect.flip(judgeFolder(path.join(folder, name))), ({ code }) => code)
      expect(yield* codeOf("missing")).toBe("ENOENT")
      expect(yield* codeOf("file")).toBe("ENOTDIR")
      expect(yield* codeOf("circle")).toBe("ELOOP")
    })
  )
})
