/* A failed connection whose root cause is sought: where its evidence is, and what sentences about it need. */
#ifndef WT_DIAGNOSIS_CASE_H
#define WT_DIAGNOSIS_CASE_H

#include "diagnosis/evidence.h"
#include "diagnosis/servers.h"
#include "observer/state.h"

#include "codec/ext/ext.h"

/* What a ClientHello offers; n = 0 if it lacks the list. */
struct wt_offer {
    struct wt_span versions, suites, groups, schemes, protocols; /* protocols: ProtocolName list */
    struct wt_span shares;                                       /* key_share's list */
    bool has_groups, has_schemes, has_shares, has_sni;
    bool tls13, tls12; /* whether TLS 1.3, or an older version, can be negotiated */
};

/* Which side ended the stream first, and how. */
struct wt_case_end {
    bool reset, fin;
    unsigned side;
    uint32_t frame;
    uint32_t acknowledgment; /* of that packet; 0: not known */
};

struct wt_case {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    const struct wt_alert_seen *alert; /* the first fatal one that could be read, or NULL */
    unsigned from;                     /* side that ended the handshake: by that alert, otherwise by FIN or RST */
    uint32_t acknowledgment;           /* of the packet with the alert; 0: not known */
    unsigned turn;                     /* side that should have sent the next message */
    bool has_hello,
        has_server_hello; /* of the last handshake; the structs' spans are valid until the connection ends */
    struct wt_client_hello hello;
    struct wt_server_hello server_hello;
    uint32_t hello_frame, server_hello_frame;
    uint32_t hello_length; /* bytes of the message, header included */
    struct wt_offer offer; /* of the ClientHello */
    struct wt_case_end end;
    const struct wt_server_facts *server; /* what its other connections show; NULL: nothing */
    struct wt_evidence_seen seen[WT_EVIDENCE_COUNT];
};

/* Whether the other side's bytes up to `number` had come when a side sent the packet `at`. TCP's numbers tell it; where
 * one is not known (0), the packets' places in the capture: the bytes' was `frame`. */
bool wt_case_had_come(uint32_t number, uint32_t frame, struct wt_case_end at);

/* Finds its hellos, its alert and its end. What the evidence is comes after that: wt_evidence_gather(). */
void wt_case_open(struct wt_case *k, struct wt_observer *o, struct wt_conversation *c);

/* An extension's body in a hello, decoded. */
bool wt_case_extension(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where,
                       union wt_ext_body *out);
/* The newest message of a type and the packet that it is in; NULL if none was kept. */
const struct wt_message_body *wt_case_message(const struct wt_case *k, unsigned side, uint8_t type, uint32_t *frame);
/* What the verification of the server's chain reported; NULL: it did not. */
const struct wt_list_finding *wt_case_judgement(const struct wt_case *k, enum wt_finding_id id);
/* What is there of the message that a side had begun to send; false: nothing. */
struct wt_case_begun {
    const char *name;
    uint32_t came, whole; /* bytes, with the header */
};
bool wt_case_begun(const struct wt_case *k, unsigned side, struct wt_case_begun *out);
/* When the connection began, in seconds. */
int64_t wt_case_seconds(const struct wt_case *k);
/* Seconds of silence until the capture's end, or until the connection was closed: a client that closes at once did not
 * wait, one that was silent for long gave up. */
double wt_case_quiet(const struct wt_case *k);
double wt_case_waited(const struct wt_case *k);
/* How long the side that sent last was not heard: to the other's close, or to the capture's end. */
double wt_case_unheard(const struct wt_case *k);
enum wt_noticed wt_case_noticed(unsigned side);
enum wt_fault wt_case_fault(unsigned side);

/* --- words --- */

/* " (packet 7)", or "" without packets; in `out`. */
enum { WT_CASE_AT = 48, WT_CASE_LIST = 320 };
const char *wt_case_at(uint32_t frame, char out[WT_CASE_AT]);
/* "x25519, secp256r1 and 3 more" */
const char *wt_case_list(enum wt_registry registry, struct wt_span codes, char out[WT_CASE_LIST]);
const char *wt_case_name(enum wt_registry registry, uint16_t code, char out[16]);
/* The versions that the client offers, as a list or as the highest one. */
const char *wt_case_versions(const struct wt_case *k, char out[WT_CASE_LIST]);
const char *wt_case_span(struct wt_span text, char out[72]); /* made printable, at most 67 bytes of it */
const char *wt_case_subject(const struct wt_certificate_facts *certificate);
/* The name of an alert, e.g. "handshake_failure". */
const char *wt_case_alert(const struct wt_case *k);
/* "the client", "The client"; translated. */
const char *wt_case_side(unsigned side);
const char *wt_case_side_first(unsigned side);
/* The newest handshake message that a side was seen to send, "nothing" before the first. */
const char *wt_case_last(const struct wt_case *k, unsigned side);

#endif
