/* Sentences: a message that never became whole. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"

static const char *how(const struct wt_case *k)
{
    return k->end.reset ? "RST" : "FIN";
}

const struct wt_list_finding *wt_sentence_unreached(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned side = wt_evidence_has(k, WT_EVIDENCE_SERVER_UNREACHED) ? WT_SERVER : WT_CLIENT;
    const double waited = wt_case_waited(k), seconds = waited > 0 ? waited : wt_case_quiet(k);
    struct wt_case_begun b;
    char at[WT_CASE_AT];
    wt_case_at(k->end.frame, at);
    if (wt_case_begun(k, side, &b))
        return wt_finding_say(
            k->tls, id, k->end.frame,
            _("Only %u of %u bytes of the %s from %s reached %s: it acknowledged only the data before the "
              "rest, although data after it was sent as well, and nothing more arrived within %.1f s%s. "
              "Something on the path drops it: probably full-size packets are lost (path MTU), or a "
              "middlebox drops what it does not expect."),
            b.came, b.whole, b.name, wt_case_side(side), wt_case_side(!side), seconds, at);
    if (side == WT_SERVER)
        return wt_finding_say(
            k->tls, id, k->end.frame,
            _("Part of the server's answer never reached the client: the client acknowledged only the data "
              "before it, although the data after it was sent as well, and gave up%s after %.1f s. "
              "Something on the path drops it: probably full-size packets are lost (path MTU)."),
            at, seconds);
    return wt_finding_say(
        k->tls, id, k->end.frame,
        _("Part of what the client sent never reached the server: the server acknowledged only the "
          "data before it, although the data after it was sent as well, within %.1f s%s. Something on "
          "the path drops it: probably full-size packets are lost (path MTU)."),
        seconds, at);
}

/* All that the side sent was acknowledged, and it sent no more. */
const struct wt_list_finding *wt_sentence_message_stopped(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned side = (unsigned)k->seen[WT_EVIDENCE_MESSAGE_STOPPED].value;
    struct wt_case_begun b;
    char at[WT_CASE_AT];
    k->turn = side;
    wt_case_at(k->end.frame, at);
    if (!wt_case_begun(k, side, &b))
        return NULL;
    if (k->end.fin || k->end.reset)
        return wt_finding_say(
            k->tls, id, k->end.frame,
            _("%s sent only %u of %u bytes of its %s; %s received them and waited %.1f s for the rest, until "
              "%s ended the connection (%s)%s. If the capture was taken far from the sender, the rest may "
              "have been lost before it."),
            wt_case_side_first(side), b.came, b.whole, b.name, wt_case_side(!side), wt_case_waited(k),
            wt_case_side(k->end.side), how(k), at);
    return wt_finding_say(
        k->tls, id, 0,
        _("%s sent only %u of %u bytes of its %s; %s received them and waited for the rest in the "
          "remaining %.1f s of the capture. If the capture was taken far from the sender, the rest may "
          "have been lost before it."),
        wt_case_side_first(side), b.came, b.whole, b.name, wt_case_side(!side), wt_case_quiet(k));
}

/* Who left in the middle of a ClientHello, before it could be answered. */
const struct wt_list_finding *wt_sentence_message_left(struct wt_case *k, enum wt_finding_id id)
{
    const bool own = wt_evidence_has(k, WT_EVIDENCE_MESSAGE_LEFT);
    const unsigned side = own ? k->end.side : !k->end.side;
    struct wt_case_begun b;
    char at[WT_CASE_AT];
    wt_case_at(k->end.frame, at);
    if (!wt_case_begun(k, side, &b))
        return NULL;
    if (own)
        return wt_finding_say(
            k->tls, id, k->end.frame,
            _("%s ended the connection with %s%s in the middle of its own %s: %u of %u bytes were sent."),
            wt_case_side_first(side), how(k), at, b.name, b.came, b.whole);
    return wt_finding_say(k->tls, id, k->end.frame,
                          _("%s ended the connection with %s%s when only %u of %u bytes of the %s had arrived."),
                          wt_case_side_first(k->end.side), how(k), at, b.came, b.whole, b.name);
}
