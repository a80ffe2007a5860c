/* A connection's certificates: gathered as they pass, judged when it is over. */
#ifndef WT_OBSERVER_JUDGE_H
#define WT_OBSERVER_JUDGE_H

#include "certificate/chain.h"
#include "certificate/pair.h"
#include "certificate/sct.h"

/* What came with a chain beside certificates, and what it was found to be. */
struct wt_chain_extras {
    struct wt_span staple, scts, delegated; /* OCSPResponse; sct_list; the credential's extension */
    uint32_t staple_frame;
    struct wt_ocsp ocsp;
    uint8_t ocsp_fault; /* enum wt_ocsp_fault */
    const char *revoked_why;
    struct wt_sct_result in_extension, in_staple;
    struct wt_delegated credential;
};

/* Where and when a side's chain passed. */
struct wt_tls_chain {
    struct wt_chain_extras *extras; /* NULL: none */
    const struct wt_judgement *judgement;
    int64_t seconds; /* when it passed; once it was judged, the time by which that was done */
    uint32_t frame;
    bool no_clock;  /* the capture has none */
    uint8_t behind; /* WT_CLOCK_...: what shows that the capture's clock is behind */
};

/* How the sides showed who they are; facts of a certificate are shared by all connections of a run. */
struct wt_authentication {
    const struct wt_certificate_facts **certificates[2]; /* by side, in the order of the message */
    struct wt_tls_chain server_chain;                    /* how they were judged: see wt_tls_chain() */
    struct wt_tls_chain *client_chain;                   /* NULL: no certificate of the client */
    uint16_t count[2];                                   /* certificates */
    bool asked_status;                                   /* the client asks for a stapled OCSP response */
};

struct wt_observer;
struct wt_conversation;
struct wt_tls;
struct wt_connection;

/* A side's chain; all zero when the client sent none. */
const struct wt_tls_chain *wt_tls_chain(const struct wt_tls *tls, unsigned side);

/* A side's chain, OCSP answer, SCT list or credential has passed; bytes are copied. */
void wt_judge_chain(const struct wt_observer *o, struct wt_tls *tls, unsigned side);
void wt_judge_staple(const struct wt_observer *o, struct wt_tls *tls, unsigned side, struct wt_span response);
void wt_judge_scts(struct wt_tls *tls, unsigned side, struct wt_span list);
void wt_judge_delegated(struct wt_tls *tls, unsigned side, struct wt_span credential);
/* The observer is about to verify for one connection: what that may take is counted from here on. */
void wt_judge_begin(struct wt_observer *o);
/* Its certificates and what they were found to be are of no more use. */
void wt_judge_forget(struct wt_tls *tls);
/* The connection is over: proofs and findings about what was shown. Before causes are looked for. */
void wt_judge_settle(struct wt_observer *o, struct wt_conversation *c);
/* Fills path, ocsp, scts and delegated of the story. */
void wt_judge_fill(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out);

/* judge_pair.c: TLCP's two certificates of a side. By key usage; SIZE_MAX: not there. */
struct wt_pair wt_judge_pair_of(const struct wt_tls *tls, unsigned side);
/* A side's certificates with the one that signs first, to be judged as TLS's are; `room` holds as many as are looked
 * at.
 */
const struct wt_certificate_facts *const *wt_judge_pair_signing(const struct wt_tls *tls, unsigned side,
                                                                const struct wt_certificate_facts **room);
/* Judges the pair, once the chain of the one that signs was: proofs and findings. */
void wt_judge_pair(struct wt_observer *o, struct wt_conversation *c, unsigned side);

/* verdicts.c: the findings about a side's chain, in sentences. */
void wt_verdicts_say(struct wt_observer *o, struct wt_conversation *c, unsigned side);
/* What a certificate is called in a sentence, and by which clock it was judged. */
const char *wt_verdicts_name(const struct wt_certificate_facts *facts);
const char *wt_verdicts_clock(const struct wt_observer *o);
/* verdicts_pair.c: the findings about TLCP's pair. `chain`: the verdict on the encryption certificate's; NULL: there is
 * none. */
void wt_verdicts_pair(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_pair pair,
                      const struct wt_judgement *chain);
/* "2026-05-01 12:00:00 UTC"; a number where that is no year. */
enum { WT_DATE_ROOM = 40 };
const char *wt_judge_date(int64_t seconds, char out[WT_DATE_ROOM]);
/* The names that the server's leaf does not match: the one that was asked for, --host's; NULL when it does. */
struct wt_mismatch {
    char asked[256];
    bool wrong_asked, wrong_host, judged;
};
void wt_judge_names(struct wt_observer *o, struct wt_tls *tls, struct wt_mismatch *out);

#endif
