/* TLS 1.3's key schedule (RFC 8446, 7.1), by its steps: an endpoint climbs it from the bottom, an observer enters
 * wherever a key log lets it in, and both leave by wt_traffic_key() (QUIC: keys/quic.h). Drafts before 20 call the
 * labels otherwise. */
#ifndef WT_KEYS_SCHEDULE_H
#define WT_KEYS_SCHEDULE_H

#include "base/steps.h"
#include "crypto/mac.h"

struct wt_schedule {
    struct wt_crypto *crypto;
    enum wt_hash_id hash;
    uint16_t version; /* before every label stands "tls13 "; draft 19 and older: "TLS 1.3, "; DTLS 1.3: "dtls13" */
    size_t length;    /* bytes of the hash */
    const struct wt_steps *steps; /* or NULL */
};

/* False when libcrypto lacks the hash. */
bool wt_schedule_start(struct wt_schedule *s, struct wt_crypto *crypto, enum wt_hash_id hash, uint16_t version,
                       const struct wt_steps *steps);

/* HKDF-Expand-Label(secret, label, context, n). `id` and `text` name the step for who watches. */
bool wt_expand_label(const struct wt_schedule *s, const char *id, struct wt_span secret, const char *label,
                     struct wt_span context, uint8_t *out, size_t n);
/* Derive-Secret(secret, label, messages) with Transcript-Hash(messages) given. */
bool wt_derive_secret(const struct wt_schedule *s, const char *id, struct wt_span secret, const char *label,
                      struct wt_span transcript_hash, uint8_t *out);

/* The trunk: early (psk n = 0: zeros), handshake (shared n = 0: zeros, psk_ke), master. Each out has s->length bytes.
 */
bool wt_early_secret(const struct wt_schedule *s, struct wt_span psk, uint8_t *early);
bool wt_handshake_secret(const struct wt_schedule *s, const uint8_t *early, struct wt_span shared, uint8_t *handshake);
bool wt_master_secret13(const struct wt_schedule *s, const uint8_t *handshake, uint8_t *master);

/* The branches that are Derive-Secret of a trunk secret: which trunk, and label, are rows of the schedule's table. */
enum wt_branch {
#define WT_BRANCH(ID, id, trunk, label, old, why, rfc) WT_BRANCH_##ID,
#include "keys/schedule.def"
#undef WT_BRANCH
};
bool wt_branch_secret(const struct wt_schedule *s, enum wt_branch branch, const uint8_t *trunk,
                      struct wt_span transcript_hash, uint8_t *out);

/* RFC 8446, 7.3: write key and IV of a traffic secret. key_length from the cipher; the IV has 12 bytes. */
bool wt_traffic_key(const struct wt_schedule *s, struct wt_span secret, size_t key_length, uint8_t *key,
                    uint8_t iv[12]);
/* RFC 9147, 4.2.3: the key that record numbers are enciphered with. */
bool wt_record_number_key(const struct wt_schedule *s, struct wt_span secret, size_t key_length, uint8_t *key);
/* RFC 9001, 5.2: "initial_secret = HKDF-Extract(initial_salt, client_dst_connection_id)". An empty id is one, too. */
bool wt_quic_initial_secret(const struct wt_schedule *s, struct wt_span salt, struct wt_span dcid, uint8_t *initial);
/* RFC 8446, 7.2: application_traffic_secret_N+1. in place. */
bool wt_traffic_update(const struct wt_schedule *s, uint8_t *secret);
/* RFC 8446, 4.4.4: verify_data under a base key (a traffic secret, or a binder key). */
bool wt_verify_data13(const struct wt_schedule *s, struct wt_span base_key, struct wt_span transcript_hash,
                      uint8_t *out);
/* RFC 8446, 4.6.1: the PSK of a ticket. */
bool wt_ticket_psk(const struct wt_schedule *s, const uint8_t *resumption_master, struct wt_span nonce, uint8_t *psk);
/* RFC 8446, 7.5. */
bool wt_exporter13(const struct wt_schedule *s, const uint8_t *exporter_master, const char *label,
                   struct wt_span context, uint8_t *out, size_t n);

/* RFC 8446, 4.4.3: what a CertificateVerify signs: 64 spaces, the context string of the side, 0, the hash. Returns its
 * length (out has 130 + hash bytes of room: WT_SIGNED13_MOST). */
enum { WT_SIGNED13_MOST = 64 + 34 + WT_DIGEST_MOST };
size_t wt_signed13(unsigned side, struct wt_span transcript_hash, uint8_t out[WT_SIGNED13_MOST]);

#endif
