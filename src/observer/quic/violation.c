#include "observer/quic/violation.h"

#include "base/i18n.h"
#include "observer/quic/connection.h"
#include "wording/handshake.h"

#include <inttypes.h>
#include <stdio.h>

void wt_quic_violation_note(struct wt_quic *q, unsigned from, uint64_t code, uint64_t frame_type, const char *rule)
{
    struct wt_quic_violation *v = &q->violation;
    if (!v->count)
        *v = (struct wt_quic_violation){
            .code = code, .frame_type = frame_type, .rule = rule, .frame = q->o->frame, .from = (uint8_t)from};
    v->count += v->count < UINT32_MAX;
}

void wt_quic_violation_message(struct wt_quic *q, unsigned from, uint64_t code, uint8_t type, const char *rule)
{
    const bool first = !q->violation.count;
    wt_quic_violation_note(q, from, code, WT_QUIC_NO_FRAME, rule);
    if (first)
        q->violation.message = (uint16_t)(type + 1);
}

/* --- the finding ------------------------------------------------------------------------------------------------- */

/* "PROTOCOL_VIOLATION", "CRYPTO_ERROR (0x010a, unexpected_message)" */
enum { CODE_NAME = 96 };
static const char *code_name(uint64_t code, char out[CODE_NAME])
{
    const bool is_alert = code >= WT_QUIC_CRYPTO_ERROR && code <= WT_QUIC_CRYPTO_ERROR_LAST;
    const char *name =
        is_alert ? wt_registry_name(WT_REG_ALERT, code & 0xff) : wt_registry_name(WT_REG_QUIC_ERROR, code);
    if (!is_alert)
        return name ? name : "?";
    (void)snprintf(out, CODE_NAME, "CRYPTO_ERROR (0x%04" PRIx64 "%s%s)", code, name ? ", " : "", name ? name : "");
    return out;
}

static const struct wt_list_finding *say_violation(struct wt_quic *q, const char *code, const char *rule)
{
    const struct wt_quic_violation *v = &q->violation;
    const char *who = _(wt_tls_sender(v->from)), *kind = wt_registry_name(WT_REG_QUIC_FRAME, v->frame_type);
    if (v->message)
        return wt_finding_say(q->c->tls, WT_FINDING_QUIC_VIOLATION, v->frame,
                              /* TRANSLATORS: the client or the server, a handshake message, an error's name, a section
                               * with its sentence */
                              _("%s broke a rule of QUIC with its message %s, for which the other side must close the "
                                "connection with %s (%s)."),
                              who, wt_wording_message(v->message - 1u), code, rule);
    if (v->frame_type == WT_QUIC_NO_FRAME)
        return wt_finding_say(q->c->tls, WT_FINDING_QUIC_VIOLATION, v->frame,
                              _("%s broke a rule of QUIC, for which the other side must close the connection with %s "
                                "(%s)."),
                              who, code, rule);
    return wt_finding_say(q->c->tls, WT_FINDING_QUIC_VIOLATION, v->frame,
                          _("%s broke a rule of QUIC with a frame of type %s (0x%" PRIx64
                            "), for which the other side must close the connection with %s (%s)."),
                          who, kind ? kind : "?", v->frame_type, code, rule);
}

void wt_quic_violation_settle(struct wt_quic *q)
{
    const struct wt_quic_violation *v = &q->violation;
    char room[CODE_NAME];
    if (!v->count)
        return;
    const struct wt_list_finding *f = say_violation(q, code_name(v->code, room), v->rule ? v->rule : "RFC 9000, 11");
    if (f)
        wt_finding_blame(q->c->tls, f, v->from == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE,
                         false);
}
