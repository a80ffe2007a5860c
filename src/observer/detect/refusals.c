/* TCP that was refused or never answered, told as failed TLS where TLS is what would have been spoken: the port is one
 * of registry/ports.def, that server speaks TLS elsewhere in the input, or the input holds no TLS at all (somebody
 * captured a failure). Those of the last two kinds wait until it is known, so that connections stay in the order of
 * their first packets. */
#include "observer/detect/refusals.h"

#include "base/i18n.h"
#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "observer/queue.h"
#include "observer/state.h"
#include "wording/icmp.h"

#include <stdio.h>
#include <stdlib.h>

struct waiting {
    uint32_t id, stream; /* of the conversation */
    bool known;          /* told whatever else the input holds */
};

struct wt_refusals {
    struct wt_recent *servers; /* by hash of address and port, the newest WT_LIMIT_TLS_SERVERS */
    struct waiting waiting[WT_LIMIT_REFUSALS];
    unsigned first, count;
    unsigned over; /* more that would be reported if the input holds no TLS at all */
    bool any_tls;
};

static struct wt_refusals *refusals_of(struct wt_observer *o)
{
    if (!o->refusals)
        o->refusals = wt_calloc(1, sizeof *o->refusals);
    return o->refusals;
}

void wt_refusals_free(struct wt_refusals *refusals)
{
    if (refusals)
        wt_recent_free(refusals->servers);
    free(refusals);
}

void wt_refusals_clear(struct wt_observer *o)
{
    wt_refusals_free(o->refusals);
    o->refusals = NULL;
}

static uint64_t end_hash(const struct wt_conversation *c, unsigned d)
{
    uint8_t key[18];
    memcpy(key, c->ip[d], 16);
    key[16] = (uint8_t)(c->port[d] >> 8);
    key[17] = (uint8_t)c->port[d];
    return wt_span_hash(wt_span_of(key, sizeof key));
}

void wt_refusals_speaks(struct wt_observer *o, const struct wt_conversation *c)
{
    struct wt_refusals *r = refusals_of(o);
    bool is_new;
    if (r && wt_recent_ensure(&r->servers, WT_LIMIT_TLS_SERVERS))
        (void)wt_recent_take(r->servers, end_hash(c, !c->tls->client), &is_new);
}

bool wt_refusals_is_tls_server(const struct wt_observer *o, const struct wt_conversation *c, unsigned server)
{
    return o->refusals && wt_recent_find(o->refusals->servers, end_hash(c, server)) != WT_RECENT_NONE;
}

/* What ICMP says of the SYN. RFC 1122, 4.2.3.9: a program may be told at once; one in the middle of connecting gives up
 * (Linux), so that a single SYN is all there is. NULL: nothing. */
static const struct wt_icmp_kept *rejection(const struct wt_conversation *c)
{
    const struct wt_icmp_kept *i = wt_icmp_about(c, 0);
    const struct wt_transport *t = &c->transport;
    return i && wt_icmp_rejects(&i->error) && !t->tcp[0].has_ack && !t->tcp[1].started ? i : NULL;
}

static bool is_candidate(const struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    return !c->tls && !c->plain && c->phase == WT_PHASE_PLAIN && wt_transport_opened(t, 0) &&
           wt_transport_attempts(t) && !wt_transport_is_fed(t) && !(c->flags & (WT_CONV_TOLD | WT_CONV_SPOKE)) &&
           !wt_transport_seen(t, 1) && (wt_transport_is_refused(t) || wt_transport_is_unanswered(t) || rejection(c));
}

static void end_text(const struct wt_conversation *c, char out[80])
{
    struct wt_address a = {.port = c->port[1]};
    char ip[46];
    const char *service = wt_port_service(c->port[1]);
    memcpy(a.ip, c->ip[1], 16);
    bool v4 = wt_address_is_v4(&a);
    (void)snprintf(out, 80, "%s%s%s:%u%s%s%s", v4 ? "" : "[", wt_address_format(&a, ip), v4 ? "" : "]", a.port,
                   service ? " (" : "", service ? service : "", service ? ")" : "");
}

/* Direction 0 is the client of what is told without TLS. */
static struct wt_tls *without_tls(struct wt_observer *o, struct wt_conversation *c, uint8_t state)
{
    struct wt_time now = o->now;
    o->now.ns = c->last_ns; /* without data: of the first packet */
    struct wt_tls *tls = wt_tls_new(o, c);
    o->now = now;
    if (!tls)
        return NULL;
    tls->client = 0;
    tls->client_known = true;
    tls->seen.flags |= WT_SEEN_NEVER_TLS;
    tls->outcome.state = state;
    c->flags |= WT_CONV_TOLD;
    return tls;
}

/* RFC 1122, 3.2.2.1: the host itself rejects; all others are routers, or firewalls, on the way. */
static const struct wt_list_finding *undelivered(struct wt_tls *tls, const struct wt_conversation *c, const char *end)
{
    const struct wt_icmp_kept *i = rejection(c);
    unsigned attempts = wt_transport_attempts(&c->transport);
    char report[WT_WORDING_ICMP];
    wt_wording_icmp_report(&i->error, i->frame, report, sizeof report);
    const struct wt_list_finding *f =
        wt_finding_say(tls, WT_FINDING_TCP_NO_ANSWER, i->frame,
                       ngettext_("No TCP answer from %s to %u SYN.%s", "No TCP answer from %s to %u SYNs.%s", attempts),
                       end, attempts, report);
    if (f)
        wt_finding_blame(tls, f, wt_icmp_is_of_host(c, i) ? WT_FAULT_SERVER : WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT,
                         false);
    wt_finding_advise(f, WT_ADVICE_ICMP);
    return f;
}

static bool make(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = without_tls(o, c, WT_FAILED);
    char end[80];
    if (!tls)
        return false;
    end_text(c, end);
    const struct wt_list_finding *f;
    if (wt_transport_is_refused(&c->transport)) {
        f = wt_finding_say(tls, WT_FINDING_TCP_REFUSED, c->last_frame,
                           _("The connection to %s was refused: its SYN was answered by a RST."), end);
        if (f)
            wt_finding_blame(tls, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
    } else if (rejection(c)) {
        f = undelivered(tls, c, end);
    } else {
        f = wt_finding_say(tls, WT_FINDING_TCP_NO_ANSWER, c->last_frame,
                           ngettext_("No answer from %s: the SYN was sent %u time within %.1f s and never answered.",
                                     "No answer from %s: the SYN was sent %u times within %.1f s and never answered.",
                                     wt_transport_attempts(&c->transport)),
                           end, wt_transport_attempts(&c->transport), (double)(c->seen_ns - c->last_ns) / 1e9);
        if (f)
            wt_finding_blame(tls, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, true);
    }
    if (f)
        wt_finding_cause(tls, f);
    c->last_ns = c->seen_ns;
    return true;
}

/* --- what came up and carried nothing ------------------------------------------------------------------------------
 */

/* TCP came up on a port for TLS, and not a byte that was said is in the capture. */
static bool is_empty(const struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    return !c->tls && !c->plain && c->phase == WT_PHASE_PLAIN && wt_transport_opened_both(t) &&
           wt_transport_attempts(t) && !wt_transport_is_fed(t) && !(c->flags & (WT_CONV_TOLD | WT_CONV_SPOKE)) &&
           wt_port_service(c->port[1]);
}

/* The capture cut the payload of all packets. */
static bool make_cut(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = without_tls(o, c, WT_INCOMPLETE);
    char end[80];
    if (!tls)
        return false;
    end_text(c, end);
    (void)wt_finding_say(
        tls, WT_FINDING_CAPTURE_TRUNCATED, c->last_frame,
        _("The capture's snaplen cut all payload of this connection to %s: nothing of TLS can be seen."), end);
    c->last_ns = c->seen_ns;
    return true;
}

/* How long the client of a connection that came up has sent nothing, in nanoseconds; 0: it did, as acknowledgments say,
 * or it left at once, as those do who only ask whether the port is open. */
static int64_t silence(const struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    if (wt_transport_unseen(t, 0) || wt_transport_unseen(t, 1))
        return 0;
    if (c->left_ms)
        return c->left_ms >= WT_LIMIT_SILENT_MS ? (int64_t)c->left_ms * 1000000 : 0;
    int64_t waited = o->latest_ns - c->last_ns;
    return !wt_transport_is_ending(t) && waited >= WT_LIMIT_STALL_NS ? waited : 0;
}

static bool make_silent(struct wt_observer *o, struct wt_conversation *c)
{
    int64_t ns = silence(o, c);
    struct wt_tls *tls = ns ? without_tls(o, c, WT_INCOMPLETE) : NULL;
    char end[80];
    if (!tls)
        return false;
    end_text(c, end);
    (void)wt_finding_say(tls, WT_FINDING_CLIENT_SILENT, c->last_frame,
                         wt_transport_left_first(&c->transport, 1)
                             ? _("The client connected to %s and sent nothing for %.1f s; then the server closed.")
                         : wt_transport_left_first(&c->transport, 0)
                             ? _("The client connected to %s and sent nothing for %.1f s; then it closed.")
                             : _("The client connected to %s and sent nothing for %.1f s, until the capture ended."),
                         end, (double)ns / 1e9);
    c->last_ns = c->seen_ns;
    return true;
}

/* --- when it is told
 * -------------------------------------------------------------------------------------------------- */

bool wt_refusals_now(struct wt_observer *o, struct wt_conversation *c)
{
    return is_candidate(c) && (wt_port_service(c->port[1]) || wt_refusals_is_tls_server(o, c, 1)) && make(o, c);
}

/* The conversation of one that was kept, when it is there and over. */
static struct wt_conversation *kept(const struct wt_observer *o, const struct waiting *w)
{
    struct wt_conversation *c = wt_conversations_get(o->conversations, w->id, w->stream);
    return c && is_candidate(c) && c->flags & WT_CONV_ENDED ? c : NULL;
}

struct wt_conversation *wt_refusals_waiting(struct wt_observer *o)
{
    const struct wt_refusals *r = o->refusals;
    for (unsigned i = r ? r->first : 0; r && i < r->count; i++) {
        struct wt_conversation *c = kept(o, &r->waiting[i]);
        if (c && wt_refusals_now(o, c))
            return c;
    }
    return NULL;
}

/* In the order of their streams: one that went on after others were kept comes last. */
static void keep(struct wt_refusals *r, struct waiting w)
{
    unsigned at = r->count++;
    for (; at > r->first && r->waiting[at - 1].stream > w.stream; at--)
        r->waiting[at] = r->waiting[at - 1];
    r->waiting[at] = w;
}

bool wt_refusals_judge(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_refusals *r;
    if (is_empty(c))
        return c->flags & WT_CONV_CUT ? make_cut(o, c) : make_silent(o, c);
    if (!is_candidate(c) || !(r = refusals_of(o)))
        return false;
    bool known = wt_port_service(c->port[1]) || wt_refusals_is_tls_server(o, c, 1);
    if (r->any_tls)
        return known && make(o, c);
    if (wt_refusals_keeps(o, c)) /* it went on since, and came to nothing once more */
        return false;
    if (r->count == WT_LIMIT_REFUSALS) {
        o->lost[WT_LOST_REFUSALS] += known;
        r->over += !known;
        return false;
    }
    keep(r, (struct waiting){c->id, c->stream, known});
    return false;
}

/* Nobody will report it. */
static void forget(struct wt_observer *o, const struct waiting *w)
{
    struct wt_conversation *c = wt_conversations_get(o->conversations, w->id, w->stream);
    if (c && c->flags & WT_CONV_ENDED && !c->tls && c->list != WT_LIST_OVER)
        wt_queue_let_go(o, c);
}

uint32_t wt_refusals_first(const struct wt_observer *o)
{
    const struct wt_refusals *r = o->refusals;
    return r && r->first < r->count ? r->waiting[r->first].stream : UINT32_MAX;
}

bool wt_refusals_keeps(const struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_refusals *r = o->refusals;
    for (unsigned i = r ? r->first : 0; r && i < r->count; i++)
        if (r->waiting[i].stream == c->stream)
            return true;
    return false;
}

bool wt_refusals_are_known(const struct wt_observer *o)
{
    const struct wt_refusals *r = o->refusals;
    return r && r->any_tls && r->first < r->count;
}

struct wt_conversation *wt_refusals_next(struct wt_observer *o, uint32_t before, bool all)
{
    struct wt_refusals *r = o->refusals;
    if (!all && (r = refusals_of(o)))
        r->any_tls = true;
    while (r && r->first < r->count && r->waiting[r->first].stream < before) {
        struct waiting w = r->waiting[r->first++];
        struct wt_conversation *c = kept(o, &w);
        bool told = c && (w.known || (all && !r->any_tls) || wt_refusals_is_tls_server(o, c, 1));
        if (told && make(o, c))
            return c;
        forget(o, &w);
    }
    if (r && all) {
        o->lost[WT_LOST_REFUSALS] += r->any_tls ? 0 : r->over;
        r->over = 0;
    }
    return NULL;
}
