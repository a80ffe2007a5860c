/* What a peer MUST refuse: each handshake message held against what was offered and agreed on before it (agreed.h).
 *
 * A broken rule comes with its error (field, offset, value, the RFC's sentence) and with the alert that answers it: an
 * endpoint sends that, an observer reports a finding. Rules judge values; the form of a message is its decoder's to
 * judge, whose errors have an alert too (wt_rules_alert_of), and the order of messages is the flow table's.
 *
 * What was not seen is no evidence: a rule that needs it stays silent. So are the rules of TLS 1.3 for its drafts,
 * whose own differ, and all of them where a value is of a kind that nobody can know today. */
#ifndef WT_HANDSHAKE_RULES_H
#define WT_HANDSHAKE_RULES_H

#include "handshake/agreed.h"

enum wt_rule_id {
#define WT_RULE(id, code, alert, field, registry, rule) WT_RULE_##id,
#include "handshake/rules.def"
#undef WT_RULE
    WT_RULE_COUNT
};

struct wt_rule {
    uint8_t code;      /* enum wt_code of the error */
    uint8_t alert;     /* enum wt_alert */
    uint8_t registry;  /* enum wt_registry: what the error's value is a code point of */
    const char *field; /* the RFC's name of the field */
    const char *rule;  /* "RFC 8446, 4.2: \"…\"" */
};

const struct wt_rule *wt_rule_of(enum wt_rule_id id);

/* One broken rule. The error's offset counts from the start of the message's body; what is missing has the offset 0. */
struct wt_breach {
    struct wt_error error;
    uint8_t rule;  /* enum wt_rule_id */
    uint8_t alert; /* that its receiver has to send */
    uint8_t side;  /* enum wt_side: who broke it */
};

struct wt_breaches {
    unsigned count; /* the first one is what an endpoint answers */
    unsigned more;  /* that found no room */
    struct wt_breach list[WT_LIMIT_BREACHES];
};

/* Checks a decoded message of a side (enum wt_side); `body` is the span that it was decoded from. A message that broke
 * its format is not checked: what is left of it shows nothing. Call it before wt_agreed_message() for the same message.
 */
void wt_rules_check(const struct wt_agreed *agreed, unsigned side, const struct wt_message_body *message,
                    struct wt_span body, struct wt_breaches *out);

/* A record as its header says it, for the limits of its length. */
struct wt_record_shape {
    uint16_t version;   /* negotiated; 0: not known yet */
    bool is_protected;  /* under keys, as far as is known */
    uint32_t length;    /* bytes of its fragment */
    uint32_t plaintext; /* of them, what is plaintext at the very least (TLS 1.3: content type and padding included) */
    uint32_t most;      /* that the peers agreed on, for that plaintext; 0: nothing, or it is not known */
    bool most_is_size;  /* by record_size_limit, else by max_fragment_length */
};

/* Whether a record of a side is longer than its receiver may accept: at most one rule, the first that it breaks. */
void wt_rules_record(unsigned side, const struct wt_record_shape *record, struct wt_breaches *out);

/* What a side's records may hold by what was negotiated (RFC 6066, 4; RFC 8449, 4), as struct wt_record_shape's `most`:
 * 0 without an agreement. TLS 1.3: RFC 8446, 5.4, "the reduced limit applies to the full plaintext, including the
 * content type and padding". */
uint32_t wt_rules_record_most(const struct wt_agreed *agreed, unsigned side, bool *is_size);

/* The alert for a decoder's error: RFC 8446, 6.2, decode_error: "A message could not be decoded because some field was
 * out of the specified range or the length of the message was incorrect"; illegal_parameter: "A field in the handshake
 * was incorrect or inconsistent with other fields". */
uint8_t wt_rules_alert_of(const struct wt_error *error);

#endif
