/** /status/redirects: who still comes over plain http, by managed host. Pure. */
import type { CountedStatus, PlainHttpStatus } from '../finding/reported.ts'
import { otherHosts } from '../traffic/replica-counts.ts'
import { restHosts } from '../traffic/rest.ts'
import { renderDayBars } from './day-bars.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import { busiestFirst, grouped, percent, trafficOf, verdictOf } from './plain-http.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { counted } from './words.ts'

export function renderRedirectsPage(snapshot: StatusSnapshot, options: PageOptions): string {
  const hosts = busiestFirst(snapshot.plainHttp)
  return renderDocument(
    {
      ...{
        view: 'redirects',
        depth: 1,
        title: titleOf(snapshot.plainHttp),
        tone: hosts.length === 0 ? 'busy' : 'good',
      },
      skipTo: { id: 'hosts', words: 'To the hosts' },
      lead: () => html`<p class="lead">${leadOf(snapshot, options.now)}</p>`,
      main: () =>
        html`<section aria-labelledby="hosts">
          <h2 id="hosts">
            ${counted(hosts.filter(({ host }) => host !== otherHosts && host !== restHosts).length, 'managed host')}
          </h2>
          ${hosts.length > 0 && renderHosts(hosts, options.now)}
          ${hosts.slice(0, mostDetailed).map(renderDays)}
        </section>`,
    },
    snapshot,
    options,
  )
}

/** With the days of a thousand hosts the page would be of megabytes. */
const mostDetailed = 50

function titleOf(plainHttp: readonly PlainHttpStatus[] | undefined): string {
  if (plainHttp === undefined) return 'Plain http is not counted yet'
  const week = plainHttp.reduce((sum, host) => sum + trafficOf(host, 7).redirects, 0)
  return `${grouped(week)} ${week === 1 ? 'redirect' : 'redirects'} from plain http in 7 days`
}

function leadOf({ plainHttp, counted: sum, leftOut }: StatusSnapshot, now: number): Html {
  if (plainHttp === undefined)
    return html`Nothing is summed up yet: the worker that leads asks every responder for its counts. The
      metric <code>port80_host_redirects_total</code> has those of each process.`
  const rest = leftOut?.plainHttp ?? 0
  const room = rest > 0 && html` ${counted(rest, 'host')} had no room here.`
  return html`${sum ? sumWords(sum, now) : ownWords} Nothing about a person is kept.${room}`
}

const ownWords = html`Who this process alone has sent on to https since it started: no leader has told the sum
over all replicas yet.`

function sumWords({ since, asked, folded = 0, fault }: CountedStatus, now: number): Html {
  const silent = asked?.silent ?? []
  return html`Who was sent on to https by any replica, counted since ${when(since, now)}.
  ${folded > 0 && html`${counted(folded, 'host')}, the least busy, are counted together as “${restHosts}”: the record of the sum has no room for each.`}
  ${asked && html`${counted(asked.replicas, 'replica')} told ${when(asked.at, now)}.`}
  ${
    silent.length > 0 &&
    html`<strong>Not in the sum yet is what these have counted since they were last asked:</strong>
      ${silent.map(({ replica, seen }) => html`<code>${replica}</code> (${seen}). `)}`
  }
  ${fault !== undefined && html`<strong>The sum is not written down and would not outlast the worker:</strong> ${fault}.`}`
}

/** Also for the hosts of one certificate; `hosts` is the id of the heading above. */
export function renderHosts(hosts: readonly PlainHttpStatus[], now: number, labelledBy = 'hosts'): Html {
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="${labelledBy}">
    <table class="traffic">
      <caption>
        Redirects of 30 days, the newest day at the right; the green part of a bar is browsers. Numbers are of
        7 days.
      </caption>
      <thead>
        <tr>
          <th scope="col">Host</th>
          <th scope="col">30 days</th>
          <th scope="col" class="number">7 days</th>
          <th scope="col" class="number">GET</th>
          <th scope="col" class="number">Browsers</th>
          <th scope="col" class="number">Bots</th>
          <th scope="col" class="number">Libraries</th>
          <th scope="col" class="number">Other</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        ${hosts.map((host) => renderHost(host, now))}
      </tbody>
    </table>
  </div>`
}

function renderHost(host: PlainHttpStatus, now: number): Html {
  const { redirects, reads, agents } = trafficOf(host, 7)
  const number = (name: string, text: string) => html`<td class="number" data-name="${name}">${text}</td>`
  return html`<tr>
    <th scope="row"><code>${host.host}</code> <span class="quiet small verdict">${verdictOf(host)}</span></th>
    <td class="bars">${renderDayBars(host)}</td>
    ${number('7 days', grouped(redirects))} ${number('GET', percent(reads, redirects))}
    ${number('Browsers', percent(agents.browser, redirects))}
    ${number('Bots', percent(agents.bot, redirects))}
    ${number('Libraries', percent(agents.library, redirects))}
    ${number('Other', percent(agents.other, redirects))}
    <td class="seen" data-name="Last seen">
      ${host.lastSeen === undefined ? html`<span class="quiet">never</span>` : when(host.lastSeen, now)}
    </td>
  </tr>`
}

function renderDays({ host, days }: PlainHttpStatus, index: number): Html | undefined {
  if (days.length === 0) return undefined
  const id = `days-${index + 1}`
  return html`<details class="rest">
    <summary id="${id}">${host} by day</summary>
    <div class="scroll" role="group" tabindex="0" aria-labelledby="${id}">
      <table>
        <caption>
          Redirects of ${host}, days in UTC.
        </caption>
        <thead>
          <tr>
            ${['Redirects', 'GET or HEAD', 'Browsers', 'Bots', 'Libraries', 'Other'].reduce(
              (cells, name) =>
                html`${cells}
                  <th scope="col" class="number">${name}</th>`,
              html`<th scope="col">Day</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${days.map(renderDay)}
        </tbody>
      </table>
    </div>
  </details>`
}

function renderDay({ day, redirects, reads, agents }: PlainHttpStatus['days'][number]): Html {
  const { browser, bot, library, other } = agents
  return html`<tr>
    <th scope="row">${day}</th>
    ${[redirects, reads, browser, bot, library, other].map((count) => html`<td class="number">${grouped(count)}</td>`)}
  </tr>`
}
