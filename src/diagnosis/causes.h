/* The root cause of a failed connection. */
#ifndef WT_DIAGNOSIS_CAUSES_H
#define WT_DIAGNOSIS_CAUSES_H

#include <stdbool.h>

struct wt_case;
struct wt_observer;
struct wt_conversation;

/* Finds it (tls->outcome.state is settled, proofs and certificates are verified). */
void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c);

/* Each returns whether it found the cause. */
/* causes_hello.c: nothing in common, according to the server's answer to the ClientHello or the client's to the
 * ServerHello. */
bool wt_cause_refused_server_hello(struct wt_case *k);
bool wt_cause_choice(
    struct wt_case *k); /* the ServerHello chooses what was not offered, or a message is longer than allowed */
bool wt_cause_weak_dh(struct wt_case *k);
bool wt_cause_downgrade(struct wt_case *k);
/* causes_certificate.c */
bool wt_cause_server_certificate(struct wt_case *k);
bool wt_cause_client_certificate(struct wt_case *k);
bool wt_cause_staple(struct wt_case *k);
/* causes_proof.c: signatures, keys and records. */
bool wt_cause_crypto(struct wt_case *k); /* decrypt_error, bad_record_mac and the like */
bool wt_cause_malformed(struct wt_case *k);
/* A rule that the other side was seen to break before the alert, whatever the alert says. */
bool wt_cause_broken(struct wt_case *k);
/* causes_end.c: without a readable alert. */
bool wt_cause_end(struct wt_case *k);
/* An established connection that ended because a renegotiation was refused. */
bool wt_cause_renegotiation(struct wt_case *k);

#endif
