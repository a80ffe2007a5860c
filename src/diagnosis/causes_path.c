#include "diagnosis/causes_path.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "diagnosis/twins.h"
#include "wording/icmp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static void say(struct wt_path_evidence *e, const char *format, ...)
{
    size_t n = strlen(e->text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(e->text + n, sizeof e->text - n, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
}

/* --- resets ---------------------------------------------------------------------------------------------------------
 */

/* An answer cannot come sooner than half of what SYN and SYN-ACK took, or whoever sent it is nearer. A RST that crossed
 * the ClientHello was no answer: it does not acknowledge it. */
static bool is_too_soon(const struct wt_conversation *c, const struct wt_reset_facts *r)
{
    const uint32_t least = 2000; /* microseconds: below, clocks and schedulers weigh as much as the way */
    unsigned d = c->tls->end.reset_by;
    uint32_t round_trip = c->path.round_trip_us[d];
    return wt_tls_side_of(c->tls, d) == WT_SERVER && r->knows && round_trip >= least && r->after_us < round_trip / 2;
}

void wt_path_reset(const struct wt_conversation *c, struct wt_path_evidence *out)
{
    const struct wt_life *l = wt_life_of(c->tls);
    const struct wt_path *p = &c->path;
    *out = (struct wt_path_evidence){0};
    if (!l || !l->reset.seen)
        return;
    const struct wt_reset_facts *r = &l->reset;
    unsigned d = c->tls->end.reset_by, side = wt_tls_side_of(c->tls, d);
    bool soon = is_too_soon(c, r);
    if (soon)
        say(out, _(" A round trip to the server takes %.1f ms, so it comes sooner than the server could answer."),
            p->round_trip_us[d] / 1e3);
    if (r->other_hops)
        say(out,
            side == WT_SERVER ? _(" Its TTL (hop limit) is %u, that of the server's other packets %u.")
                              : _(" Its TTL (hop limit) is %u, that of the client's other packets %u."),
            r->hop_limit, p->hop_limit[d]);
    if (r->answer_frame)
        say(out,
            side == WT_SERVER
                ? _(" The server went on sending afterwards (packet %" PRIu32 "), which it could not if it had reset.")
                : _(" The client went on sending afterwards (packet %" PRIu32 "), which it could not if it had reset."),
            r->answer_frame);
    if (soon || r->other_hops || r->answer_frame) {
        out->fault = WT_FAULT_BETWEEN;
        say(out, "%s",
            side == WT_SERVER ? _(" Probably a middlebox on the path sent it in the server's name.")
                              : _(" Probably a middlebox on the path sent it in the client's name."));
    } else {
        say(out, "%s",
            side == WT_SERVER ? _(" Probably the server sent it, but a middlebox can send the same.")
                              : _(" Probably the client sent it, but a middlebox can send the same."));
    }
}

/* --- other attempts -------------------------------------------------------------------------------------------------
 */

/* What distinguishes this ClientHello, which was not answered, from those of the same peers that were. */
static void by_twin(const struct wt_case *k, struct wt_path_evidence *out)
{
    struct wt_attempt own = {0};
    *out = (struct wt_path_evidence){0};
    const struct wt_attempt *twin = wt_twins_own(k->o, k->c, &own) ? wt_twins_find(k->o, &own) : NULL;
    const struct wt_group *g = own.group && twin ? wt_group_find(own.group) : NULL;
    if (!twin)
        return;
    if (twin->host != own.host) {
        say(out,
            _(" The same client's ClientHello with another server name was answered by the same server (stream %" PRIu32
              "): the name may be what is filtered or not configured."),
            twin->stream);
        return;
    }
    if (g && g->id != twin->group)
        say(out,
            _(" The same client's ClientHello of %" PRIu32 " bytes, without %s, was answered (stream %" PRIu32
              "); this one has %" PRIu32 " bytes and needs more than one segment: probably the server, or a middlebox "
              "before it, cannot take a ClientHello in several segments (tldr.fail). Until that is fixed, leave %s out "
              "(curl --curves X25519, GODEBUG=tlsmlkem=0)."),
            twin->length, g->name, twin->stream, own.length, g->name);
    else
        say(out,
            _(" The same client's ClientHello of %" PRIu32 " bytes was answered (stream %" PRIu32
              "); this one has %" PRIu32
              " bytes and needs more than one segment: probably the server, or a middlebox before it, cannot take a "
              "ClientHello in several segments (tldr.fail)."),
            twin->length, twin->stream, own.length);
}

/* --- ICMP -----------------------------------------------------------------------------------------------------------
 */

/* RFC 1191, 3: a host "MUST reduce" what it sends. TCP's share of the MTU: headers of 20 bytes each, IPv6's 40. */
static void too_big(const struct wt_icmp_kept *i, const char *sender, unsigned side, struct wt_path_evidence *out)
{
    const uint32_t headers = i->error.v6 ? 60 : 40;
    uint32_t mss = i->error.mtu > headers ? i->error.mtu - headers : 0;
    out->fault = WT_FAULT_BETWEEN;
    out->certain = i->ignored;
    if (i->ignored)
        say(out,
            side == WT_SERVER
                ? _(" The router %s reported with ICMP (packet %" PRIu32
                    ") that the path takes packets of at most %" PRIu32 " bytes (MTU), but the server sent %" PRIu32
                    " larger ones again: its firewall drops ICMP, or path "
                    "MTU discovery is off. Let ICMP type 3 code 4 (ICMPv6: type 2) in, or clamp the MSS to %" PRIu32
                    ".")
                : _(" The router %s reported with ICMP (packet %" PRIu32
                    ") that the path takes packets of at most %" PRIu32 " bytes (MTU), but the client sent %" PRIu32
                    " larger ones again: its firewall drops ICMP, or path "
                    "MTU discovery is off. Let ICMP type 3 code 4 (ICMPv6: type 2) in, or clamp the MSS to %" PRIu32
                    "."),
            sender, i->frame, i->error.mtu, i->ignored, mss);
    else
        say(out,
            _(" The router %s reported with ICMP (packet %" PRIu32 ") that the path takes packets of at most %" PRIu32
              " bytes (MTU): probably that report did not reach the sender. Let ICMP type 3 code 4 (ICMPv6: type 2) "
              "through, or clamp the MSS to %" PRIu32 "."),
            sender, i->frame, i->error.mtu, mss);
}

/* What is reported of packets that a side sent. */
static void by_icmp(const struct wt_case *k, unsigned side, struct wt_path_evidence *out)
{
    const struct wt_icmp_kept *i = wt_icmp_about(k->c, wt_tls_direction_of(k->tls, side));
    struct wt_address from = {.port = 0};
    char sender[46];
    *out = (struct wt_path_evidence){0};
    if (!i)
        return;
    memcpy(from.ip, i->error.sender, sizeof from.ip);
    (void)wt_address_format(&from, sender);
    if (i->error.mtu) {
        if (i->ignored || !i->heeded)
            too_big(i, sender, side, out);
        return;
    }
    bool unreachable =
        i->error.v6 ? i->error.type == 1 || i->error.type == 3 : i->error.type == 3 || i->error.type == 11;
    if (!unreachable)
        return;
    bool itself = memcmp(from.ip, k->c->ip[wt_tls_direction_of(k->tls, !side)], 16) == 0;
    out->fault = !itself ? WT_FAULT_BETWEEN : side == WT_CLIENT ? WT_FAULT_SERVER : WT_FAULT_CLIENT;
    out->certain = true;
    say(out, _(" %s reported with ICMP (packet %" PRIu32 ") that the packets do not get through: %s."), sender,
        i->frame, wt_wording_icmp(i->error.type, i->error.code, i->error.v6));
}

/* --- what follows ---------------------------------------------------------------------------------------------------
 */

static void apply(struct wt_case *k, const struct wt_path_evidence *e, bool probable)
{
    const struct wt_list_finding *f = k->tls->report.cause;
    wt_finding_more(k->tls, f, e->text);
    if (e->fault) /* the evidence leaves no other */
        memset(k->tls->report.others, 0, sizeof k->tls->report.others);
    wt_finding_blame(k->tls, f, e->fault ? (enum wt_fault)e->fault : (enum wt_fault)f->fault,
                     (enum wt_noticed)f->noticed, probable);
}

/* The server's first record came after a RST in its name. */
bool wt_path_is_forged(const struct wt_case *k)
{
    const struct wt_life *l = wt_life_of(k->tls);
    const struct wt_tls *tls = k->tls;
    return l && l->reset.answer_frame && wt_tls_side_of(tls, tls->end.reset_by) == WT_SERVER &&
           tls->flow.facts & WT_FACT_CLIENT_HELLO && k->hello_frame <= l->reset.frame &&
           !(tls->seen.hello_frame[WT_SERVER] && tls->seen.hello_frame[WT_SERVER] < l->reset.answer_frame);
}

void wt_path_settle(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_list_finding *f = tls->report.cause;
    struct wt_path_evidence e, twin = {0};
    if (!f || k->alert)
        return;
    bool reset = tls->end.reset_seen && f->frame == tls->end.reset_frame;
    bool unanswered = f->row == WT_FINDING_RESET_AFTER_HELLO || f->row == WT_FINDING_NO_ANSWER ||
                      (f->row == WT_FINDING_CLOSED_DURING_HANDSHAKE && !(tls->flow.facts & WT_FACT_SERVER_HELLO));
    if (unanswered)
        by_twin(k, &twin);
    if (reset && (f->row == WT_FINDING_RESET_AFTER_HELLO || f->row == WT_FINDING_CLOSED_DURING_HANDSHAKE)) {
        wt_path_reset(k->c, &e);
        apply(k, e.fault || !*twin.text ? &e : &twin, true);
        return;
    }
    if (*twin.text)
        apply(k, &twin, true);
    if (f->row != WT_FINDING_NO_ANSWER && f->row != WT_FINDING_HANDSHAKE_STALLED)
        return;
    for (unsigned side = WT_SERVER + 1; side-- > 0;) {
        by_icmp(k, side, &e);
        if (e.fault) {
            apply(k, &e, !e.certain);
            return;
        }
    }
}
