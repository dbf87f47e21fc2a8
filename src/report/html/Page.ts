import { createHash } from "node:crypto"
import type { Report } from "../model/Report.ts"
import { counted, stamp } from "../model/Units.ts"
import { bansSection, neverBanSection, rulesSection } from "./BanSections.ts"
import { html, Markup } from "./Markup.ts"
import { portsSection, sensorSection, signaturesSection, sourcesSection, timeSection, weekSection } from "./Sections.ts"
import { styleSheet } from "./Style.ts"

/** How a page of ours begins: another file of the same name is never replaced. */
export const pageMark = "<!DOCTYPE html><!-- pfasciilogd report -->"

const styleHash = createHash("sha256").update(styleSheet).digest("base64")

const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`

/** The report as one file for a browser: no script, nothing from elsewhere, and a policy that allows neither. */
export const page = (report: Report, version: string): string => {
  const { period, sensor } = report
  const covers =
    period.first === undefined || period.last === undefined
      ? "no packet with a date"
      : `${stamp(period.first)} to ${stamp(period.last)}`
  return html`${new Markup(pageMark)}
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark"><title>What was knocking: pf, ${covers}</title><style>${new Markup(styleSheet)}</style></head>
<body><header><h1>What was knocking</h1>
<p class="soft">${covers}; ${counted(sensor.packets, "packet")}, ${counted(sensor.blocked, "blocked", "blocked")}, ${counted(report.bans.total, "ban")}</p></header>
<main>${[
    sensorSection(report),
    timeSection(report),
    weekSection(report),
    sourcesSection(report),
    portsSection(report),
    signaturesSection(report),
    rulesSection(report),
    bansSection(report),
    neverBanSection(report)
  ]}</main>
<footer><p class="soft">Made by pfasciilogd ${version} at ${stamp(report.made)}, local time throughout.</p></footer></body></html>
`.source
}
