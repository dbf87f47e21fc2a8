/** The page's style sheet. It is the only one that the page's policy allows, by its hash. */
export const styleSheet = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--bar:#0a58a8;
--ban:#a4161a;--h0:#eef1f4;--h1:#cfe0f3;--h2:#9cc3e8;--h3:#5f9fd6;--h4:#2f77b8;--h5:#0d4d8c}
@media(prefers-color-scheme:dark){:root{--back:#0e1116;--text:#e6edf3;--soft:#9aa5b1;--line:#3a434d;--panel:#171c23;
--bar:#6cb0f5;--ban:#ff8a80;--h0:#1c232b;--h1:#173352;--h2:#1f4f80;--h3:#2c70b0;--h4:#4f97d9;--h5:#9cd0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 16px}
h1{font-size:1.6rem;line-height:1.25;margin:24px 0 4px}
h2{font-size:1.2rem;margin:40px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}
h3{font-size:1rem;margin:24px 0 6px}
p{margin:6px 0 10px;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.bad{color:var(--ban);font-weight:600}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px;margin:12px 0}
dl div{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 12px}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:8px 0;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:8px 10px;color:var(--soft)}
th,td{padding:4px 8px;text-align:left;vertical-align:top;border-top:1px solid var(--line);white-space:nowrap}
thead th{border-top:0;background:var(--panel)}
th{font-weight:600}
.n{text-align:right}
.w{white-space:normal;min-width:11em;max-width:32em;overflow-wrap:anywhere}
details{margin:6px 0}
summary{cursor:pointer;color:var(--soft)}
svg{display:block;width:100%;height:auto;margin:8px 0}
svg text{fill:var(--soft);font:13px system-ui,sans-serif}
.bar{fill:var(--bar)}
.ban{fill:var(--ban)}
.grid{stroke:var(--line);stroke-width:1}
.h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}
footer{padding-bottom:32px}
@media(max-width:640px){svg text{font-size:26px}svg .less{display:none}}
@media print{:root{color-scheme:light;--back:#fff;--text:#000;--soft:#333;--line:#999;--panel:#fff;--bar:#0a58a8;--ban:#a4161a;
--h0:#eee;--h1:#cfe0f3;--h2:#9cc3e8;--h3:#5f9fd6;--h4:#2f77b8;--h5:#0d4d8c}
body{font-size:10pt}header,main,footer{max-width:none;padding:0}.scroll{overflow:visible;border:0}
table{font-size:7.5pt}th,td{white-space:normal;overflow-wrap:break-word;padding:2px 5px}.w{min-width:0;overflow-wrap:break-word}
h2,h3,h2+p,caption{break-after:avoid}svg,tr,dl div{break-inside:avoid}
svg rect,svg path{print-color-adjust:exact;-webkit-print-color-adjust:exact}details:not([open]){display:none}}
`
