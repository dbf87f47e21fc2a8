/** A port of FreeBSD, which installs npm's tarball by the tarball's own scripts/install. */
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { belowPrefix, defaultPrefix, filesBelow, type InstalledFile, installedFiles, stage } from "./InstalledFiles.ts"
import { portMessage } from "./Message.ts"
import { tarballName, writeNpmTarball } from "./NpmTarball.ts"
import { comment, commitTime, licenses, project, summary } from "./Project.ts"

const makefile = (): string => `PORTNAME=	${project.name}
DISTVERSION=	${project.version}
CATEGORIES=	security net
MASTER_SITES=	https://registry.npmjs.org/\${PORTNAME}/-/

MAINTAINER=	ports@FreeBSD.org
COMMENT=	${comment}
WWW=		${project.homepage.replace(/#.*/, "")}

LICENSE=	${licenses().join(" ")}
LICENSE_COMB=	multi
LICENSE_FILE=	\${WRKSRC}/LICENSE

USES=		nodejs tar:tgz
USE_RC_SUBR=	${project.name}

NO_ARCH=	yes
NO_BUILD=	yes

WRKSRC=		\${WRKDIR}/package

do-install:
	\${SETENV} PREFIX=\${PREFIX} DESTDIR=\${STAGEDIR} SYSTEM=\${OPSYS} NODE=\${LOCALBASE}/bin/node \\
		\${SH} \${WRKSRC}/scripts/install --package

.include <bsd.port.mk>
`

// The framework puts both variables in, and installs the script and its line of the plist by itself.
const rcScript = (source: string): string =>
  readFileSync(source, "utf8")
    .replaceAll(`${defaultPrefix}/bin/node`, "%%LOCALBASE%%/bin/node")
    .replaceAll(`${defaultPrefix}/`, "%%PREFIX%%/")

const withVariables = (path: string): string =>
  path
    .replace(`share/examples/${project.name}/`, "%%EXAMPLESDIR%%/")
    .replace(`share/doc/${project.name}/`, "%%DOCSDIR%%/")

// The framework compresses man pages.
const plistLines = ({ kind, target, sample }: InstalledFile): ReadonlyArray<string> => {
  const path = belowPrefix(target)
  if (kind === "service") return []
  if (kind === "manual") return [`${path}.gz`]
  if (sample === undefined) return [withVariables(path)]
  const from = belowPrefix(sample)
  if (from === `${path}.sample`) return [`@sample ${from}`]
  return [`@sample ${withVariables(from)} ${path}`, `@dir ${dirname(path)}`]
}

const distinfo = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "pfasciilogd-distfile-"))
  try {
    writeNpmTarball(folder)
    const bytes = readFileSync(join(folder, tarballName))
    return `TIMESTAMP = ${commitTime()}
SHA256 (${tarballName}) = ${createHash("sha256").update(bytes).digest("hex")}
SIZE (${tarballName}) = ${bytes.length}
`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Fails where the list and what scripts/install puts in place differ: such a port would not build. */
const compareWithStage = (files: ReadonlyArray<InstalledFile>): void => {
  const folder = mkdtempSync(join(tmpdir(), "pfasciilogd-stage-"))
  try {
    stage(folder)
    const staged = filesBelow(folder).map((file) => `/${file}`)
    const listed = files.map(({ target, sample }) => sample ?? target).sort()
    if (staged.join("\n") !== listed.join("\n"))
      throw new Error(`scripts/install lists ${listed.join(" ")} but installs ${staged.join(" ")}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes the port into a folder; gives what was written. */
export const writePort = (directory: string): ReadonlyArray<string> => {
  const files = installedFiles("FreeBSD")
  compareWithStage(files)
  const service = files.find(({ kind }) => kind === "service")
  const written = {
    Makefile: makefile(),
    distinfo: distinfo(),
    "pkg-descr": summary,
    "pkg-message": portMessage,
    "pkg-plist": `${files.flatMap(plistLines).join("\n")}\n`,
    [`files/${project.name}.in`]: rcScript(service?.source ?? "")
  }
  return Object.entries(written).map(([name, text]) => {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o644 })
    return path
  })
}
