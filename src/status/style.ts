/** The style sheet of the status page: one text that stands in the page, and the hash that its policy allows. Pure. */
import { createHash } from 'node:crypto'
import { viewStyles } from './style-views.ts'
import { dark, light, type Palette } from './palette.ts'

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')
}

const colours = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
@media print{:root{color-scheme:light;${variables({ ...light, page: '#ffffff' })}}}
`

const base = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,Cantarell,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
h1,h2,h3,p,dl,dd,ul,ol,blockquote,figure{margin:0;padding:0}
ul,ol{list-style:none}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.quiet,dt,caption,th{color:var(--quiet)}
dt,caption,th,h2{font-size:13px;font-weight:500;line-height:1.4}
time{white-space:nowrap}
.nowrap{white-space:nowrap}
`

const head = `
header{padding-top:28px}
.brand{display:flex;align-items:baseline;gap:10px;font-size:14px}
.brand strong{font-size:16px;letter-spacing:.01em}
h1{font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.01em;margin:4px 0 18px;display:flex;align-items:center;gap:12px}
.dot{flex:none;width:14px;height:14px;border-radius:50%;background:currentColor}
h1.good .dot{color:var(--good)}h1.busy .dot{color:var(--busy)}h1.warn .dot{color:var(--warn)}h1.bad .dot{color:var(--bad)}
.facts{display:grid;grid-template-columns:repeat(4,1fr);background:var(--card);border:1px solid var(--line);border-radius:12px}
.facts>div{padding:12px 16px;border-left:1px solid var(--line);min-width:0}
.facts>div:first-child{border-left:0}
.facts dd:first-of-type{font-weight:600}
.facts dd+dd{font-size:13px;color:var(--quiet)}
.notice{margin-top:14px;padding:12px 16px;border-radius:12px;background:var(--warnSoft)}
.notice.bad{background:var(--badSoft)}
.notice strong{display:block}
.notice.warn strong{color:var(--warn)}.notice.bad strong{color:var(--bad)}
main section{margin-top:30px}
h2{margin:0 0 10px;font-size:15px;font-weight:600;color:var(--quiet)}
footer{padding-top:26px;padding-bottom:40px;font-size:13px;color:var(--quiet);display:flex;flex-wrap:wrap;gap:4px 20px;justify-content:space-between}
footer nav{display:flex;flex-wrap:wrap;gap:4px 16px}
`

const cards = `
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px 16px;margin-bottom:14px}
.card.bad{border-left:4px solid var(--bad);padding-left:17px}
.card.warn{border-left:4px solid var(--warn);padding-left:17px}
.card+h2,.scroll+h2{margin-top:26px}
.title{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px}
h3{font-size:18px;line-height:1.35;font-weight:650}
.badge{display:inline-block;padding:1px 10px;border-radius:999px;font-size:13px;font-weight:600;white-space:nowrap}
.badge.good{color:var(--good);background:var(--goodSoft)}.badge.busy{color:var(--busy);background:var(--busySoft)}
.badge.warn{color:var(--warn);background:var(--warnSoft)}.badge.bad{color:var(--bad);background:var(--badSoft)}
.title .issuer{margin-left:auto;font-size:13px;color:var(--quiet)}
.domains{display:flex;flex-wrap:wrap;gap:2px 14px;margin-top:2px;color:var(--quiet)}
.next{margin-top:10px}
.next .when{color:var(--quiet)}
figure{margin-top:10px}
svg{display:block;overflow:visible}
.life{margin:0}
.life .none{fill:none;stroke:var(--lived);stroke-dasharray:4 4}
.life .track{fill:var(--track)}.life .lived{fill:var(--lived)}.life .over{fill:var(--bad)}
.life .window{fill:var(--window)}.life .chosen{fill:var(--chosen);stroke:var(--card);stroke-width:2}
.life .now{stroke:var(--ink);stroke-width:2.5;stroke-linecap:round}
.life.swatch .over{fill:var(--bad)}
.life .label{fill:var(--quiet);font-size:12px}
.moments{display:flex;flex-wrap:wrap;gap:8px 16px;justify-content:space-between;margin-top:6px}
.moments dd{font-size:14px}
.moments .swatch{display:inline-block;vertical-align:-1px;margin-right:6px}
.moments .end{text-align:right}
.more{margin-top:12px;padding-top:10px;border-top:1px solid var(--line);font-size:14px}
.more>*+*{margin-top:8px}
`

const details = `
summary{cursor:pointer;width:fit-content;color:var(--link);font-size:14px}
details[open]>summary{margin-bottom:8px}
.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 16px}
.failure{padding:10px 14px;border-radius:8px;background:var(--badSoft)}
.failure.past{background:none;padding:4px 0 0}
blockquote{margin-top:4px;white-space:pre-wrap;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.attempts li+li{margin-top:10px;padding-top:10px;border-top:1px solid var(--line)}
.attempts .line{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline}
.list li{padding:1px 0}
.mark{display:inline-block;width:1.3em;font-weight:700}
.mark.good{color:var(--good)}.mark.busy{color:var(--busy)}.mark.warn{color:var(--warn)}.mark.bad{color:var(--bad)}
.fault{display:block;padding-left:1.3em}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px}
table{border-collapse:collapse;width:100%;overflow-wrap:break-word}
caption{text-align:left;padding:10px 16px 0}
th,td{text-align:left;vertical-align:top;padding:8px 16px;border-top:1px solid var(--line)}
thead th{border-top:0}
tbody th{color:var(--ink);font-size:inherit;font-weight:400;min-width:10em;overflow-wrap:anywhere}
td.wide{min-width:18em;overflow-wrap:anywhere}tbody code{white-space:nowrap}tbody th code,td.wide code,td.value code{white-space:normal}td.value{min-width:13em;overflow-wrap:anywhere}
details.card>summary{position:relative;list-style:none;width:auto;color:inherit;font-size:inherit}
details.card>summary::-webkit-details-marker{display:none}
details.card>summary::after{content:"more";position:absolute;right:0;top:2em;color:var(--link);font-size:13px}
details.card[open]>summary::after{content:"less"}
details.card .domains{padding-right:3.5em}
`

const narrow = `
@media screen and (max-width:760px){
header,main,footer{padding-left:14px;padding-right:14px}
h1{font-size:22px}
.facts{grid-template-columns:repeat(2,1fr)}
.facts>div:nth-child(odd){border-left:0}.facts>div:nth-child(n+3){border-top:1px solid var(--line)}
.card{padding:14px 14px 12px}.card.bad,.card.warn{padding-left:11px}
.title .issuer{margin-left:0;width:100%}
.moments{display:grid;grid-template-columns:repeat(2,minmax(0,1fr))}.moments .end{text-align:left}
table,tbody,tr,th,td,caption{display:block}
thead{position:absolute;left:-999px}
tbody th,td.value,td.wide{min-width:0}tbody tr{padding:8px 0;border-top:1px solid var(--line)}th,td{border:0;padding:2px 14px}caption{padding:10px 14px 8px}
tbody code{white-space:normal}
.pairs{grid-template-columns:1fr;gap:0}.pairs dd{margin-bottom:6px}
}
@media print{
body{font-size:12px}.card,.facts,.notice{break-inside:avoid}footer nav,.skip{display:none}
details::details-content{content-visibility:visible;block-size:auto}
.badge,.failure,.notice,svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`

export const styleSheet = [colours, base, head, cards, details, viewStyles, narrow]
  .join('')
  .replaceAll('\n', '')

/** For `style-src` of the Content-Security-Policy: this sheet and no other. */
export const styleHash = `sha256-${createHash('sha256').update(styleSheet).digest('base64')}`
