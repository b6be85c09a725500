/** What the pages beside the overview add to the style sheet. Pure. */
export const viewStyles = `
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.small{font-size:13px}
.top{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:4px 24px;margin-bottom:14px}
.views ul{display:flex;flex-wrap:wrap;gap:2px 4px}
.views li{display:flex;align-items:center;gap:4px}
.views a{display:block;padding:5px 12px;border-radius:8px;color:var(--quiet);text-decoration:none}
.views a:hover{color:var(--ink);text-decoration:underline}
.views a[aria-current]{color:var(--ink);background:var(--card);box-shadow:0 0 0 1px var(--line);font-weight:600}
.count{font-size:12px;font-weight:700;padding:0 7px;border-radius:999px;color:var(--bad);background:var(--badSoft)}
.lead{max-width:66ch;color:var(--quiet)}
main section:first-child{margin-top:24px}
tbody td code.code,.code{color:var(--quiet);white-space:nowrap}
.why{margin-top:6px;max-width:74ch}
.found>li{margin-top:14px;padding-top:12px;border-top:1px solid var(--line)}
.found .object{margin-bottom:6px}
.found+p{margin-top:12px}
.copy{margin:2px 0 0;padding:10px 12px;border-radius:8px;background:var(--page);border:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}
.list+.scroll{margin-top:12px}
.findings li{padding:2px 0}
.card .list+p{margin-top:8px}
.rest{margin-top:12px}
.jumps{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 12px;font-size:14px}
.certificates th .small{display:block}
.meter{margin-top:4px;min-width:140px}
.meter .track{fill:var(--track)}.meter .kept{fill:var(--window)}.meter .used{fill:var(--chosen)}.meter .full{fill:var(--bad)}
.meters{min-width:15em}
.number{text-align:right;white-space:nowrap}
.bars{min-width:150px}
.verdict{display:block}.traffic tbody th{min-width:15em}.traffic caption,.traffic th,.traffic td{padding-left:10px;padding-right:10px}.traffic .seen{min-width:11em}
.days .floor{fill:var(--track)}.days .all{fill:var(--lived)}.days .people{fill:var(--chosen)}
@media screen and (max-width:760px){.number{text-align:left}td[data-name]::before{content:attr(data-name) ": ";color:var(--quiet)}}
@media print{.views{display:none}.copy,.days,.meter{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
