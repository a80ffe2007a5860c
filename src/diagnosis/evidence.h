/* The evidence on a failed connection: facts that are computed once, each with the packet that shows it. A row of
 * evidence.def for each; which causes they speak for is in that row, for whole groups of causes at once, and in
 * hypotheses.def, for single ones.
 *
 * To add one: a row in evidence.def, and wt_evidence_add() in the evidence_*.c of its kind. */
#ifndef WT_DIAGNOSIS_EVIDENCE_H
#define WT_DIAGNOSIS_EVIDENCE_H

#include "diagnosis/findings.h"

#include <stdbool.h>
#include <stdint.h>

enum wt_evidence {
#define WT_EVIDENCE(id, supports, contradicts) WT_EVIDENCE_##id,
#include "diagnosis/evidence.def"
#undef WT_EVIDENCE
    WT_EVIDENCE_COUNT
};

struct wt_evidence_seen {
    uint64_t value; /* what was seen, where that is a number */
    uint32_t frame; /* 0: none */
    bool seen;
};

/* How much it counts. */
enum wt_weight {
    WT_WEIGHT_NONE = 0,
    WT_WEIGHT_SLIGHT = 1,
    WT_WEIGHT_WEAK = 3,
    WT_WEIGHT_CLEAR = 6,
    WT_WEIGHT_STRONG = 12,
    WT_WEIGHT_CERTAIN = 100,
};

/* What a cause is about: evidence speaks for or against all causes of a kind. */
enum {
    WT_ABOUT_VERSIONS = 1,
    WT_ABOUT_SUITES = 2,
    WT_ABOUT_GROUPS = 4,
    WT_ABOUT_SCHEMES = 8,
    WT_ABOUT_NAME = 16,
    WT_ABOUT_PSK = 32,
    WT_ABOUT_PATH = 64,    /* something between the two sides */
    WT_ABOUT_SIZE = 128,   /* of messages or packets */
    WT_ABOUT_CLIENT = 256, /* its process or configuration */
    WT_ABOUT_SERVER = 512,
    WT_ABOUT_SERVER_CERTIFICATE = 1024,
    WT_ABOUT_CLIENT_CERTIFICATE = 2048,
    WT_ABOUT_CLOCK = 4096,
    WT_ABOUT_KEYS = 8192,    /* signatures, MACs, keys */
    WT_ABOUT_MESSAGE = 16384 /* a message's place or contents */
};

struct wt_evidence_bearing {
    uint8_t weight; /* enum wt_weight */
    uint32_t about;
};

struct wt_case;

/* All that can be seen of the case. */
void wt_evidence_gather(struct wt_case *k);
void wt_evidence_add(struct wt_case *k, enum wt_evidence id, uint32_t frame, uint64_t value);
bool wt_evidence_has(const struct wt_case *k, enum wt_evidence id);
/* Which causes it speaks for, and against. */
const struct wt_evidence_bearing *wt_evidence_supports(enum wt_evidence id);
const struct wt_evidence_bearing *wt_evidence_contradicts(enum wt_evidence id);

/* What the other side did wrong before the alert: a broken rule that fits it, and a finding that is none. NULL: none.
 */
const struct wt_list_finding *wt_evidence_proof_breach(const struct wt_case *k);
/* The longest message of the side that did not send the alert, before that; NULL when none was read. */
const struct wt_handshake_message *wt_evidence_proof_longest(const struct wt_case *k);
/* Which libraries refuse by default a message as long as that one, which has *bytes without its header, and their
 * limit; NULL: none that is known. */
const char *wt_evidence_proof_refusers(const struct wt_handshake_message *message, size_t *bytes, uint32_t *bound);
const struct wt_list_finding *wt_evidence_proof_plain(const struct wt_case *k, enum wt_finding_id id);

/* The rule that the side did not answer by an alert that can be read, but ended the connection. */
const struct wt_list_finding *wt_evidence_proof_silent_breach(const struct wt_case *k, unsigned side);

/* By kind; each adds its own. */
void wt_evidence_alert(struct wt_case *k);
void wt_evidence_offer(struct wt_case *k);
void wt_evidence_answer(struct wt_case *k);
void wt_evidence_certificate(struct wt_case *k);
void wt_evidence_proof(struct wt_case *k);
void wt_evidence_end(struct wt_case *k);
void wt_evidence_path(struct wt_case *k);
void wt_evidence_flight(struct wt_case *k);
void wt_evidence_quic(struct wt_case *k);

#endif
