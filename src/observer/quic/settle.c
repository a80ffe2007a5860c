#include "observer/quic/settle.h"

#include "base/i18n.h"
#include "observer/endless.h"
#include "observer/quic/close.h"

#include <inttypes.h>
#include <stdio.h>

/* --- the handshake's outcome -------------------------------------------------------------------------------------- */

/* RFC 9001, 4.1.2: the handshake is confirmed at the server when it is complete; the server says so with
 * HANDSHAKE_DONE. A server that refuses the client's certificate closes before it. */
static bool was_refused(const struct wt_quic *q, const struct wt_quic_close *close)
{
    return close && close->from == WT_SERVER && !close->application && close->code >= WT_QUIC_CRYPTO_ERROR &&
           close->code <= WT_QUIC_CRYPTO_ERROR_LAST && !q->confirmed_frame;
}

/* RFC 9000, 6.2: the client has given up, or has not found a version among those that the server offers. */
static bool has_no_version(const struct wt_quic *q)
{
    return q->flags & WT_QUIC_NEGOTIATED && q->tried_count <= 1 && !q->side[WT_SERVER].opened[WT_QUIC_INITIAL];
}

unsigned wt_quic_settle_state(const struct wt_quic *q)
{
    const struct wt_tls *tls = q->c->tls;
    const struct wt_quic_close *close = wt_quic_close_first(q);
    if (was_refused(q, close) || has_no_version(q))
        return WT_FAILED;
    if (wt_outcome_is_established(tls))
        return WT_ESTABLISHED;
    return close ? WT_FAILED : WT_INCOMPLETE;
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void version_names(const uint32_t *list, size_t n, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++) {
        const char *name = wt_registry_name(WT_REG_QUIC_VERSION, list[i]);
        const int more = name ? snprintf(out + at, size - at, "%s%s", i ? ", " : "", name)
                              : snprintf(out + at, size - at, "%s0x%08" PRIx32, i ? ", " : "", list[i]);
        at += more > 0 ? (size_t)more : 0;
    }
}

static void versions(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    char tried[256], offered[256];
    if (!has_no_version(q))
        return;
    version_names(q->tried, q->tried_count, tried, sizeof tried);
    version_names(q->offered, q->offered_count, offered, sizeof offered);
    const struct wt_list_finding *f = wt_finding_say(tls, WT_FINDING_VERSION_NEGOTIATION_FAILED, q->negotiation_frame,
                                                     _("The server does not support the client's version of QUIC (%s). "
                                                       "It offers %s, and the client tried no other."),
                                                     tried, offered);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, false);
    wt_finding_cause(tls, f);
}

/* --- what protects the handshake ---------------------------------------------------------------------------------- */

static void retry(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    if (q->flags & WT_QUIC_RETRY_SEEN)
        wt_finding_add(tls, WT_FINDING_QUIC_RETRY, q->retry_frame, "", q->retry_token, 0);
    if (q->flags & WT_QUIC_RETRY_BAD)
        wt_finding_add(tls, WT_FINDING_QUIC_RETRY_BAD_TAG, q->retry_frame, "", 0, 0);
    if (q->flags & WT_QUIC_HELLO_CHANGED) {
        wt_finding_add(tls, WT_FINDING_QUIC_HELLO_CHANGED, q->changed_frame, "", 0, 0);
        const struct wt_list_finding *f = wt_finding_of(tls, WT_FINDING_QUIC_HELLO_CHANGED);
        if (f)
            wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_NONE, false);
    }
}

static void parameters(struct wt_quic *q)
{
    static const char *const names[] = {
        [WT_QUIC_MISMATCH_ORIGINAL] = "original_destination_connection_id",
        [WT_QUIC_MISMATCH_SOURCE] = "initial_source_connection_id",
        [WT_QUIC_MISMATCH_RETRY] = "retry_source_connection_id",
        [WT_QUIC_MISMATCH_VERSION] = "version_information",
    };
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_quic_verified *v = &q->verified[side];
        if (v->mismatch)
            (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_ID_MISMATCH, v->frame,
                                 _("The transport parameter %s from %s does not agree with the packets that passed: "
                                   "somebody on the path has changed them, or that side is broken. The other side must "
                                   "close the connection."),
                                 names[v->mismatch], _(wt_tls_sender_within(side)));
    }
}

static void violation(struct wt_quic *q)
{
    const struct wt_quic_violation *v = &q->violation;
    const char *who = _(wt_tls_sender(v->from));
    const char *rule = v->rule ? v->rule : "RFC 9000, 11";
    if (!v->count)
        return;
    const char *code = wt_registry_name(WT_REG_QUIC_ERROR, v->code);
    const char *kind = wt_registry_name(WT_REG_QUIC_FRAME, v->frame_type);
    code = code ? code : "CRYPTO_ERROR";
    const struct wt_list_finding *f =
        v->frame_type == WT_QUIC_NO_FRAME
            ? wt_finding_say(q->c->tls, WT_FINDING_QUIC_VIOLATION, v->frame,
                             _("%s broke a rule of QUIC, for which the other side must close the connection with %s "
                               "(%s)."),
                             who, code, rule)
            : wt_finding_say(q->c->tls, WT_FINDING_QUIC_VIOLATION, v->frame,
                             _("%s broke a rule of QUIC with a frame of type %s (0x%" PRIx64
                               "), for which the other side must close the connection with %s (%s)."),
                             who, kind ? kind : "?", v->frame_type, code, rule);
    if (f)
        wt_finding_blame(q->c->tls, f, v->from == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE,
                         false);
}

/* --- the path ----------------------------------------------------------------------------------------------------- */

/* RFC 9000, 9.3: "Until a peer's address is deemed valid, an endpoint limits the amount of data it sends to that
 * address": of those that the client has sent more than a probe from. */
static void paths(struct wt_quic *q)
{
    enum { PROBES = 2 };
    if (!q->side[WT_CLIENT].opened[WT_QUIC_1RTT])
        return;
    for (unsigned i = 1; i < q->path_count; i++) {
        const struct wt_quic_path *p = &q->paths[i];
        struct wt_address client = {.port = p->port[WT_CLIENT]};
        char text[46];
        memcpy(client.ip, p->ip[WT_CLIENT], sizeof client.ip);
        if (p->packets[WT_CLIENT] > PROBES && !p->answered[WT_SERVER] && !p->answered[WT_CLIENT])
            (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_PATH, p->first_frame,
                                 _("The client went on from another address (%s, port %u) that was never validated: no "
                                   "PATH_CHALLENGE to it was answered."),
                                 wt_address_format(&client, text), client.port);
    }
}

static void stall(struct wt_quic *q)
{
    const int64_t ms = 1000000;
    if (q->amplification.stalled_ns)
        wt_finding_add(q->c->tls, WT_FINDING_QUIC_AMPLIFICATION, q->amplification.frame, "",
                       (uint64_t)(q->amplification.stalled_ns / ms), 0);
}

static void offload(struct wt_quic *q)
{
    if (q->offloaded)
        wt_finding_add(q->c->tls, WT_FINDING_SEGMENTATION_OFFLOAD, q->offload_frame, "", q->offloaded, q->offload_size);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* RFC 9000, 10.1: "Each endpoint advertises a max_idle_timeout, but the effective value at an endpoint is computed as
 * the minimum of the two advertised values". */
static uint64_t idle_ms(const struct wt_quic *q)
{
    const uint64_t client = q->side[WT_CLIENT].idle_ms, server = q->side[WT_SERVER].idle_ms;
    return !client || (server && server < client) ? server : client;
}

static void idle(struct wt_quic *q)
{
    const int64_t ms = 1000000;
    const struct wt_conversation *c = q->c;
    const uint64_t most = idle_ms(q);
    if (!most || most > INT32_MAX || q->close_count || q->flags & WT_QUIC_RESET || !wt_outcome_is_established(c->tls) ||
        wt_observer_seen_until(q->o, c->last_ns) - c->last_ns < (int64_t)most * ms)
        return;
    wt_finding_add(c->tls, WT_FINDING_QUIC_IDLE_TIMEOUT, c->last_frame, "", most, 0);
}

static void reset(struct wt_quic *q)
{
    if (q->flags & WT_QUIC_RESET)
        wt_finding_add(q->c->tls, WT_FINDING_QUIC_RESET, q->reset_frame, wt_tls_sender(q->reset_from), 0, 0);
}

void wt_quic_settle(struct wt_quic *q)
{
    versions(q);
    retry(q);
    parameters(q);
    violation(q);
    paths(q);
    stall(q);
    offload(q);
    idle(q);
    reset(q);
}
