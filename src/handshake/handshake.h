/* One handshake, for whoever sits at the table: a client, a server, or somebody who watches both. Its state is by side
 * (enum wt_side), never by who we are or by which way packets go.
 *
 *   agreed.h    what the hellos offered and agreed on       messages.h  what was sent, decoded once, and its hash
 *   keys12.h    secrets and protectors up to TLS 1.2        keys13.h    those of TLS 1.3
 *   proofs.h    what signatures, Finished and binders cover, and whether they are valid
 *
 * An endpoint hands each message that it sends or gets to wt_handshake_add() in their order, and asks flow/flow.h
 * whether it may come. An observer, to whom messages come in any order, or never, does the same in smaller steps. */
#ifndef WT_HANDSHAKE_HANDSHAKE_H
#define WT_HANDSHAKE_HANDSHAKE_H

#include "handshake/agreed.h"
#include "handshake/messages.h"

/* Begin with wt_handshake_start(), end with wt_handshake_end(). */
struct wt_handshake {
    struct wt_crypto *crypto;
    struct wt_agreed agreed;
    struct wt_messages messages;
};

/* `first`: it is known to be its connection's first. */
void wt_handshake_start(struct wt_handshake *h, struct wt_crypto *crypto, bool first);
void wt_handshake_end(struct wt_handshake *h);

/* How a message of the side is to be decoded, by what is agreed so far. */
struct wt_codec_context wt_handshake_context(const struct wt_handshake *h, unsigned side);

/* RFC 5246, 7.4.1.1: a HelloRequest "MUST NOT be included in the message hashes"; in TLS 1.3 NewSessionTicket and
 * KeyUpdate come after the handshake (RFC 8446, 4.6), and are part of nothing. */
bool wt_handshake_covers(bool tls13, uint8_t type);

/* The suite's hash, of what a transcript's hash is taken; WT_HASH_NONE up to TLS 1.1 (MD5 and SHA-1), and when no suite
 * that we know is chosen. */
enum wt_hash_id wt_handshake_hash(const struct wt_handshake *h);

/* The next message in the handshake's own order, sent or got: decodes it, learns from it, keeps it if proofs cover it
 * (then it is the last of h->messages). WT_OK, or what is wrong with its format, or WT_MEMORY. *out (may be NULL) is
 * the decoded message; its spans point into h->messages, or into `body`. */
enum wt_code wt_handshake_add(struct wt_handshake *h, unsigned side, uint8_t type, struct wt_span body,
                              struct wt_message_body *out, struct wt_error *error);

/* The same in two steps, for who asks between them whether it may come: decoded (NULL without memory; its `code` says
 * whether it keeps its format, *error what is wrong), and learnt from. Taken or not, it is no longer the caller's:
 * wt_messages_drop() for one that is not taken. What no proof covers is gone when it was taken. */
struct wt_handshake_message *wt_handshake_read(struct wt_handshake *h, unsigned side, uint8_t type, struct wt_span body,
                                               struct wt_error *error);
enum wt_code wt_handshake_take(struct wt_handshake *h, unsigned side, struct wt_handshake_message *message);

/* The next message of our own: written with its header, then added as above. */
enum wt_code wt_handshake_write(struct wt_handshake *h, unsigned side, const struct wt_message_body *message,
                                struct wt_writer *out);

#endif
