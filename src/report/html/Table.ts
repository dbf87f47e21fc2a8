import type { Others } from "../model/Report.ts"
import { number } from "../model/Units.ts"
import { type Content, html, type Markup } from "./Markup.ts"

/** One column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => Content
  /** Numbers stand at the right; long texts may be broken into lines. */
  readonly kind?: "number" | "long"
}

const classOf = ({ kind }: { readonly kind?: "number" | "long" }): Content =>
  kind === undefined ? "" : html` class="${kind === "number" ? "n" : "w"}"`

/** A table, which can be scrolled by itself where the screen is narrow. */
export const table = <Row>(
  caption: string,
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  rest?: string
): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}${
    rest === undefined ? "" : html`; ${rest}`
  }</caption><thead><tr>${columns.map((column) => html`<th scope="col"${classOf(column)}>${column.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((column, index) => cell(column, row, index))}</tr>\n`)}</tbody></table></div>`

const cell = <Row>(column: Column<Row>, row: Row, index: number): Markup =>
  index === 0
    ? html`<th scope="row"${classOf(column)}>${column.of(row)}</th>`
    : html`<td${classOf(column)}>${column.of(row)}</td>`

/** What a list leaves out, in words; nothing where it leaves nothing out. */
export const othersText = ({ count, packets }: Others): string | undefined =>
  count === 0 && packets === 0 ? undefined : `${number(count)} others with ${number(packets)} packets are not listed`

/** The numbers behind a chart, folded away. */
export const folded = (content: Markup): Markup => html`<details><summary>The numbers</summary>${content}</details>`
