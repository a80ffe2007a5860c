/* Evidence: what the path says: who sent a RST, what ICMP reports, which other ClientHellos were answered. */
#include "diagnosis/evidence_path.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "diagnosis/twins.h"
#include "observer/quic/close.h"
#include "wording/icmp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
    char *at;
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at + t->n, WT_EVIDENCE_WORDS - t->n, format,
                      args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    if (n > 0)
        t->n += (size_t)n < WT_EVIDENCE_WORDS - t->n ? (size_t)n : WT_EVIDENCE_WORDS - t->n - 1;
}

/* --- resets ------------------------------------------------------------------------------------------------------- */

/* An answer cannot come sooner than half of what SYN and SYN-ACK took, or whoever sent it is nearer. A RST that crossed
 * the ClientHello was no answer: it does not acknowledge it. */
static bool is_too_soon(const struct wt_conversation *c, const struct wt_reset_facts *r)
{
    const uint32_t least = 2000; /* microseconds: below, clocks and schedulers weigh as much as the way */
    unsigned d = c->tls->end.reset_by;
    uint32_t round_trip = c->path.round_trip_us[d];
    return wt_tls_side_of(c->tls, d) == WT_SERVER && r->knows && round_trip >= least && r->after_us < round_trip / 2;
}

/* The first RST; NULL: none, or nothing is known of it. */
static const struct wt_reset_facts *reset_of(const struct wt_case *k)
{
    const struct wt_life *l = wt_life_of(k->tls);
    return l && l->reset.seen ? &l->reset : NULL;
}

static bool is_elsewhere(const struct wt_case *k)
{
    const struct wt_reset_facts *r = reset_of(k);
    return r && (is_too_soon(k->c, r) || r->other_hops || r->answer_frame);
}

/* The server's first record came after a RST in its name. */
static bool is_forged(const struct wt_case *k)
{
    const struct wt_reset_facts *r = reset_of(k);
    const struct wt_tls *tls = k->tls;
    return r && r->answer_frame && wt_tls_side_of(tls, tls->end.reset_by) == WT_SERVER &&
           tls->flow.facts & WT_FACT_CLIENT_HELLO && k->hello_frame <= r->frame &&
           !(tls->seen.hello_frame[WT_SERVER] && tls->seen.hello_frame[WT_SERVER] < r->answer_frame);
}

/* Whether the side whose address the RST has sent it, too. */
static void about_reset(const struct wt_case *k, struct text *t)
{
    const struct wt_reset_facts *r = reset_of(k);
    const struct wt_path *p = &k->c->path;
    if (!r || !k->tls->end.reset_seen)
        return;
    unsigned d = k->tls->end.reset_by, side = wt_tls_side_of(k->tls, d);
    if (is_too_soon(k->c, r))
        say(t, _(" A round trip to the server takes %.1f ms, so it comes sooner than the server could answer."),
            p->round_trip_us[d] / 1e3);
    if (r->other_hops)
        say(t,
            side == WT_SERVER ? _(" Its TTL (hop limit) is %u, that of the server's other packets %u.")
                              : _(" Its TTL (hop limit) is %u, that of the client's other packets %u."),
            r->hop_limit, p->hop_limit[d]);
    if (r->answer_frame)
        say(t,
            side == WT_SERVER
                ? _(" The server went on sending afterwards (packet %" PRIu32 "), which it could not if it had reset.")
                : _(" The client went on sending afterwards (packet %" PRIu32 "), which it could not if it had reset."),
            r->answer_frame);
    if (is_elsewhere(k))
        say(t, "%s",
            side == WT_SERVER ? _(" Probably a middlebox on the path sent it in the server's name.")
                              : _(" Probably a middlebox on the path sent it in the client's name."));
    else if (!wt_evidence_has(k, WT_EVIDENCE_TWIN_SMALLER) && !wt_evidence_has(k, WT_EVIDENCE_TWIN_OTHER_NAME))
        say(t, "%s",
            side == WT_SERVER ? _(" Probably the server sent it, but a middlebox can send the same.")
                              : _(" Probably the client sent it, but a middlebox can send the same."));
}

static void resets(struct wt_case *k)
{
    const struct wt_reset_facts *r = reset_of(k);
    if (k->end.reset && is_elsewhere(k))
        wt_evidence_add(k, WT_EVIDENCE_RESET_ELSEWHERE, k->end.frame, 0);
    if (is_forged(k))
        wt_evidence_add(k, WT_EVIDENCE_RESET_FORGED, r->frame, 0);
}

/* --- HTTP in the server's place -------------------------------------------------------------------------------------
 */

/* A page that comes sooner than the server could send it, or from another distance than the packet before it. */
static bool answer_is_soon(const struct wt_case *k)
{
    const uint32_t least = 2000; /* microseconds, as above */
    const struct wt_answer_facts *a = &wt_life_of(k->tls)->answer;
    uint32_t round_trip = k->c->path.round_trip_us[wt_tls_direction_of(k->tls, WT_SERVER)];
    return a->knows && round_trip >= least && a->after_us < round_trip / 2;
}

static bool answer_has_other_hops(const struct wt_case *k)
{
    const struct wt_answer_facts *a = &wt_life_of(k->tls)->answer;
    return a->hop_limit > a->before + WT_LIMIT_HOPS || a->before > a->hop_limit + WT_LIMIT_HOPS;
}

static void answer(struct wt_case *k)
{
    const struct wt_life *l = wt_life_of(k->tls);
    if (l && l->answer.frame && wt_evidence_has(k, WT_EVIDENCE_SERVER_NOT_TLS) &&
        (answer_is_soon(k) || answer_has_other_hops(k)))
        wt_evidence_add(k, WT_EVIDENCE_ANSWER_ELSEWHERE, l->answer.frame, 0);
}

static void about_answer(const struct wt_case *k, struct text *t)
{
    const struct wt_answer_facts *a = &wt_life_of(k->tls)->answer;
    if (answer_is_soon(k))
        say(t, _(" A round trip to the server takes %.1f ms, so it comes sooner than the server could answer."),
            k->c->path.round_trip_us[wt_tls_direction_of(k->tls, WT_SERVER)] / 1e3);
    if (answer_has_other_hops(k))
        say(t, _(" Its TTL (hop limit) is %u, that of the server's other packets %u."), a->hop_limit, a->before);
    say(t, "%s",
        _(" Probably a middlebox on the path (a web filter, a firewall, a captive portal) answered in the server's "
          "place."));
}

/* --- other attempts ------------------------------------------------------------------------------------------------
 */

/* An answered ClientHello of the same peers that differs from this one, which was not answered. */
static const struct wt_attempt *twin_of(const struct wt_case *k, struct wt_attempt *own)
{
    return wt_twins_own(k->o, k->c, own) ? wt_twins_find(k->o, own) : NULL;
}

static void twins(struct wt_case *k)
{
    struct wt_attempt own = {0};
    const bool refused = k->alert && k->from == WT_SERVER && !wt_evidence_has(k, WT_EVIDENCE_SERVER_HELLO);
    const struct wt_attempt *twin = refused || wt_evidence_has(k, WT_EVIDENCE_UNANSWERED) ? twin_of(k, &own) : NULL;
    k->o->lost[WT_LOST_TWINS] += own.peers && wt_twins_forgot(k->o, &own);
    if (!twin)
        return;
    const enum wt_evidence id = twin->host != own.host            ? WT_EVIDENCE_TWIN_OTHER_NAME
                                : wt_twins_is_smaller(twin, &own) ? WT_EVIDENCE_TWIN_SMALLER
                                                                  : WT_EVIDENCE_TWIN_PLAIN;
    /* who reads a name or a size and rejects it says so by silence or a RST, not by an alert */
    if (!refused || id == WT_EVIDENCE_TWIN_PLAIN)
        wt_evidence_add(k, id, k->hello_frame, twin->stream);
}

static void about_grease(const struct wt_case *k, struct text *t)
{
    say(t,
        _(" The same client's ClientHello without GREASE values was answered by the same server (stream %" PRIu32 ")."),
        (uint32_t)k->seen[WT_EVIDENCE_TWIN_PLAIN].value);
}

static void about_name(const struct wt_case *k, struct text *t)
{
    say(t,
        _(" The same client's ClientHello with another server name was answered by the same server (stream %" PRIu32
          "): the name may be what is filtered or not configured."),
        (uint32_t)k->seen[WT_EVIDENCE_TWIN_OTHER_NAME].value);
}

static void about_size(const struct wt_case *k, struct text *t)
{
    struct wt_attempt own = {0};
    const struct wt_attempt *twin = twin_of(k, &own);
    const struct wt_group *g = own.group && twin ? wt_group_find(own.group) : NULL;
    if (!twin)
        return;
    if (g && g->id != twin->group)
        say(t,
            _(" The same client's ClientHello of %" PRIu32 " bytes, without %s, was answered (stream %" PRIu32
              "); this one has %" PRIu32 " bytes and needs more than one segment: probably the server, or a middlebox "
              "before it, cannot take a ClientHello in several segments (tldr.fail). Until that is fixed, leave %s out "
              "(curl --curves X25519, GODEBUG=tlsmlkem=0)."),
            twin->length, g->name, twin->stream, own.length, g->name);
    else
        say(t,
            _(" The same client's ClientHello of %" PRIu32 " bytes was answered (stream %" PRIu32
              "); this one has %" PRIu32
              " bytes and needs more than one segment: probably the server, or a middlebox before it, cannot take a "
              "ClientHello in several segments (tldr.fail)."),
            twin->length, twin->stream, own.length);
}

/* --- ICMP ----------------------------------------------------------------------------------------------------------
 */

/* Over UDP the port of who has said an alert and left is closed: that the rest does not get there is no cause. */
static bool had_left(const struct wt_case *k, unsigned side, uint32_t frame)
{
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next)
        if (a->alert.from == side && a->alert.frame < frame)
            return true;
    return k->tls->quic && wt_quic_close_precedes(k->tls->quic, side, frame);
}

/* The error about packets that a side sent. One about bytes that have arrived since, sent again, says nothing of the
 * end (RFC 1122, 4.2.3.9). */
static const struct wt_icmp_kept *error_about(const struct wt_case *k, unsigned side)
{
    const unsigned d = wt_tls_direction_of(k->tls, side);
    const struct wt_tcp_direction *tcp = &k->c->transport.tcp[d];
    const struct wt_icmp_kept *i = wt_icmp_about(k->c, d);
    if (wt_transport_is_datagrams(&k->c->transport))
        return i && !had_left(k, !side, i->frame) ? i : NULL;
    return i && tcp->has_ack && (int32_t)(tcp->acked - i->sequence) > 0 ? NULL : i;
}

static void icmp(struct wt_case *k, unsigned side)
{
    const struct wt_icmp_kept *i = error_about(k, side);
    if (!i)
        return;
    if (wt_icmp_rejects(&i->error))
        wt_evidence_add(k,
                        !wt_icmp_is_of_host(k->c, i) ? WT_EVIDENCE_ICMP_FROM_ROUTER
                        : side == WT_CLIENT          ? WT_EVIDENCE_ICMP_FROM_SERVER
                                                     : WT_EVIDENCE_ICMP_FROM_CLIENT,
                        i->frame, side);
    if (i->error.mtu && (i->ignored || !i->heeded))
        wt_evidence_add(k, WT_EVIDENCE_ICMP_TOO_BIG, i->frame, side);
    if (i->error.mtu && i->ignored)
        wt_evidence_add(k, WT_EVIDENCE_ICMP_TOO_BIG_IGNORED, i->frame, side);
}

static void about_rejection(const struct wt_case *k, enum wt_evidence id, struct text *t)
{
    const struct wt_icmp_kept *i = error_about(k, (unsigned)k->seen[id].value);
    char report[WT_WORDING_ICMP];
    if (!i)
        return;
    wt_wording_icmp_report(&i->error, i->frame, report, sizeof report);
    say(t, "%s", report);
}

/* RFC 1191, 3: a host "MUST reduce" what it sends. TCP's share of the MTU: headers of 20 bytes each, IPv6's 40. */
static void about_mtu(const struct wt_case *k, struct text *t)
{
    const unsigned side = (unsigned)k->seen[WT_EVIDENCE_ICMP_TOO_BIG].value;
    const struct wt_icmp_kept *i = error_about(k, side);
    struct wt_address from = {.port = 0};
    char sender[46];
    if (!i)
        return;
    const uint32_t headers = i->error.v6 ? 60 : 40;
    uint32_t mss = i->error.mtu > headers ? i->error.mtu - headers : 0;
    memcpy(from.ip, i->error.sender, sizeof from.ip);
    (void)wt_address_format(&from, sender);
    if (i->ignored)
        say(t,
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
        say(t,
            _(" The router %s reported with ICMP (packet %" PRIu32 ") that the path takes packets of at most %" PRIu32
              " bytes (MTU): probably that report did not reach the sender. Let ICMP type 3 code 4 (ICMPv6: type 2) "
              "through, or clamp the MSS to %" PRIu32 "."),
            sender, i->frame, i->error.mtu, mss);
}

/* --- what it comes to ----------------------------------------------------------------------------------------------
 */

void wt_evidence_path(struct wt_case *k)
{
    resets(k);
    answer(k);
    twins(k);
    if (k->alert) /* what was sent arrived */
        return;
    icmp(k, WT_CLIENT);
    icmp(k, WT_SERVER);
}

bool wt_evidence_words(const struct wt_case *k, enum wt_evidence id, char out[WT_EVIDENCE_WORDS])
{
    struct text t = {out, 0};
    out[0] = '\0';
    if (!wt_evidence_has(k, id))
        return false;
    switch (id) {
    case WT_EVIDENCE_RESET:
    case WT_EVIDENCE_RESET_FORGED:
        about_reset(k, &t);
        break;
    case WT_EVIDENCE_ANSWER_ELSEWHERE:
        about_answer(k, &t);
        break;
    case WT_EVIDENCE_TWIN_OTHER_NAME:
        about_name(k, &t);
        break;
    case WT_EVIDENCE_TWIN_PLAIN:
        about_grease(k, &t);
        break;
    case WT_EVIDENCE_JAVA_UNSPECIFIC:
        say(&t, "%s",
            _(" The ClientHello is like Java's (it has status_request_v2), and Java sends this alert for whatever its "
              "trust manager throws: mostly because its trust store (cacerts) lacks the issuer (PKIX path building "
              "failed), or the name is another. The exception in the client's log would settle it."));
        break;
    case WT_EVIDENCE_TWIN_SMALLER:
        about_size(k, &t);
        break;
    case WT_EVIDENCE_ICMP_FROM_ROUTER:
    case WT_EVIDENCE_ICMP_FROM_SERVER:
    case WT_EVIDENCE_ICMP_FROM_CLIENT:
        about_rejection(k, id, &t);
        break;
    case WT_EVIDENCE_ICMP_TOO_BIG:
        about_mtu(k, &t);
        break;
    default:
        break;
    }
    return t.n;
}
