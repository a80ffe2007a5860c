/* DTLS connections (RFC 4347, 6347, 9147; connection ids: RFC 9146): datagrams into records, fragments into messages,
 * which take the same way as TLS's (message/message.h).
 *
 *   find.c       DTLS by its first bytes, whatever is around it (TURN, CAPWAP), and what else shares its port
 *   early.c      datagrams of 1.3 that come before any hello
 *   records.c    one record: opened, told from copies, its content handed on
 *   epochs.c     keys by epoch and direction, and the numbers of records
 *   fragments.c  handshake messages put together, each told once and in its turn; repeats.c those that come again
 *   spots.c      where in the capture they stand
 *   learn.c      what messages say that only DTLS asks for: cookies, connection ids, SRTP's profile
 *   ids.c        connections whose records carry connection ids, found from any address
 *   inside.c     what the application speaks
 *   settle.c     what is concluded at the end, and the story's part */
#ifndef WT_OBSERVER_DTLS_H
#define WT_OBSERVER_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_observer;
struct wt_conversation;
struct wt_datagram;
struct wt_dtls;
struct wt_message;

/* A datagram: true when it was of a DTLS connection, or begins one. */
bool wt_dtls_take(struct wt_observer *o, const struct wt_datagram *d);
/* Nothing more comes of the connection, which may be none of DTLS: before its TLS is settled. */
void wt_dtls_end(struct wt_observer *o, struct wt_conversation *c);
/* The numbers of the message or record that is being told, and where it stands. */
void wt_dtls_mark(struct wt_observer *o, struct wt_conversation *c, struct wt_message *message);
/* Whether the message that is being told is the first of its side, in the clear. */
bool wt_dtls_begins(const struct wt_dtls *dtls);
/* Whether all messages of either side were told, from its first one on and in its order. */
bool wt_dtls_is_whole(const struct wt_dtls *dtls);
/* Whether either side has said more than is here: a message is missing, or a record by its number, or what the client's
 * keys answer. It may have been lost before the capture, too. NULL: not DTLS, no. */
bool wt_dtls_lacks(const struct wt_dtls *dtls);
/* Whether other protocols' datagrams pass between its ports. NULL: not DTLS, no. */
bool wt_dtls_is_shared(const struct wt_dtls *dtls);
uint16_t wt_dtls_message_seq(const struct wt_dtls *dtls);
/* Bytes that it takes. */
size_t wt_dtls_bytes(const struct wt_dtls *dtls);
void wt_dtls_free(struct wt_dtls *dtls);
/* What was kept of the file's datagrams aside from connections. */
void wt_dtls_forget(struct wt_observer *o);

#endif
