/* Secrets and keys of TLS 1.3 (RFC 8446, 7.1 to 7.3): from a PSK and an (EC)DHE secret to the traffic secrets, and from
 * a traffic secret, wherever it comes from (this schedule, a key log), by one door to keys. */
#ifndef WT_HANDSHAKE_KEYS13_H
#define WT_HANDSHAKE_KEYS13_H

#include "handshake/handshake.h"
#include "handshake/keys.h"
#include "keys/keylog.h"
#include "keys/schedule.h"

/* Which keys a side's records are under. Up to TLS 1.2 there is but TRAFFIC. */
enum wt_epoch { WT_EPOCH_EARLY, WT_EPOCH_HANDSHAKE, WT_EPOCH_TRAFFIC };

/* How far one connection has climbed the schedule's trunk, so that each of its secrets is extracted once. All zero is
 * the bottom; who has it wipes it. */
struct wt_keys13_trunk {
    uint8_t secret[WT_DIGEST_MOST]; /* the newest: early, handshake, master */
    uint8_t climbed;                /* how many there were */
};

/* What the schedule begins with; n = 0: none, zeros in its place. `trunk`: of this schedule, psk and shared, or NULL:
 * each secret is extracted from the bottom, and each step said. */
struct wt_keys13_input {
    struct wt_span psk, shared;
    struct wt_keys13_trunk *trunk;
};

/* The schedule of the chosen suite; false when it is not known or libcrypto lacks its hash. */
bool wt_keys13_schedule(const struct wt_handshake *h, const struct wt_steps *steps, struct wt_schedule *s);

/* A side's traffic secret of an epoch: extracted from the input, derived with the hash of the messages that it takes.
 * Its length; 0 when one of them is missing. The server has no early one. */
size_t wt_keys13_traffic(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                         unsigned side, enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST]);
/* resumption_master_secret (RFC 8446, 7.1), over the messages up to the client's Finished. */
size_t wt_keys13_resumption(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                            uint8_t secret[WT_DIGEST_MOST]);
/* RFC 8446, 4.6.1: the PSK of a ticket with that nonce. */
size_t wt_keys13_ticket(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                        struct wt_span nonce, uint8_t psk[WT_DIGEST_MOST]);
/* exporter_master_secret (RFC 8446, 7.5), over the messages up to the server's Finished. */
size_t wt_keys13_exporter(struct wt_handshake *h, const struct wt_schedule *s, const struct wt_keys13_input *in,
                          uint8_t secret[WT_DIGEST_MOST]);
/* What a key log calls that secret; WT_LABEL_COUNT: there is none. */
enum wt_label wt_keys13_label(unsigned side, enum wt_epoch epoch);

/* The i-th suite of TLS 1.3 that a ClientHello offers whose hash has `length` bytes (0: any): what early data may be
 * under before a ServerHello names it (RFC 8446, 4.2.10). NULL after the last. */
const struct wt_suite *wt_keys13_early_suite(const struct wt_client_hello *hello, size_t i, size_t length);

/* The keys of a traffic secret. False when libcrypto, or we, lack the suite's cipher. */
bool wt_keys13_keys(const struct wt_schedule *s, const struct wt_suite *suite, struct wt_span secret,
                    struct wt_side_keys *out);

/* Both sides' traffic secrets of an epoch after the early one, and their keys: two of each, by side. False when a
 * message, or the suite's cipher, is missing. */
bool wt_keys13_both(struct wt_handshake *h, const struct wt_keys13_input *in, enum wt_epoch epoch,
                    const struct wt_steps *steps, uint8_t (*secrets)[WT_DIGEST_MOST], struct wt_side_keys out[2]);

#endif
