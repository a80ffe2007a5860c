/* Writing captures: pcapng, as Wireshark and its kin read it.
 *
 *     struct wt_capture_writer *w = wt_capture_writer_new(write_to_file, file);
 *     wt_capture_write_packet(w, &packet);              // sections and interfaces are written as they are needed
 *     bool ok = wt_capture_writer_finish(w);            // hands on what is still held
 *     wt_capture_writer_free(w);
 *
 * Three things stand on that: copying chosen packets as they lie in another capture (wt_capture_write_from), choosing
 * the packets of conversations (struct wt_choice), and making packets for bytes that have none (struct wt_rebuilt).
 * What fails, fails for good: each function is false from then on, and wt_capture_writer_finish() says so once. */
#ifndef WIRETALE_WRITE_H
#define WIRETALE_WRITE_H

#include "wiretale/capture.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_capture_writer;

/* `write` takes all bytes or returns false. NULL when the system gives no memory. */
WT_API struct wt_capture_writer *wt_capture_writer_new(bool (*write)(void *context, const void *bytes, size_t length),
                                                       void *context);

/* One packet, in an Enhanced Packet Block; its interface is that of all packets of its link type and clock. */
WT_API bool wt_capture_write_packet(struct wt_capture_writer *writer, const struct wt_packet *packet);

/* The interface of such packets, when there may be none: a capture without interfaces is one that not all can read. */
WT_API bool wt_capture_write_interface(struct wt_capture_writer *writer, uint16_t link, uint8_t digits);

/* TLS key log text, for a Decryption Secrets Block (as many as it takes). A reader opens with it what comes behind:
 * before the packets. */
#define WT_SECRETS_TLS_KEY_LOG 0x544c534bu
WT_API bool wt_capture_write_secrets(struct wt_capture_writer *writer, uint32_t type, struct wt_span secrets);

/* A Name Resolution Block: the name of an address of 4 or 16 bytes. */
WT_API bool wt_capture_write_name(struct wt_capture_writer *writer, struct wt_span address, struct wt_span name);

/* ---- Copying. From here on, what is written comes from `capture`, of which no packet has been read yet; several may
 * follow one another, each with a section of its own. Of a pcapng file the sections, the interfaces and the packets
 * that wt_capture_write_copy() is told of are copied block by block, with all their options and in their byte order;
 * nothing else is: neither other packets' secrets nor names. Secrets and names that are written before the first
 * wt_capture_next() stand in front of all packets. The writer must not go before the capture does. */
WT_API bool wt_capture_write_from(struct wt_capture_writer *writer, struct wt_capture *capture);
/* The packet that wt_capture_next() gave last. */
WT_API bool wt_capture_write_copy(struct wt_capture_writer *writer, const struct wt_packet *packet);

/* Hands on what is held; false when anything failed since the beginning. */
WT_API bool wt_capture_writer_finish(struct wt_capture_writer *writer);
WT_API void wt_capture_writer_free(struct wt_capture_writer *writer);

/* ---- Choosing the packets of conversations. Three walks over a capture: one that finds the conversations, one with
 * wt_choice_look(), and one that asks wt_choice_has(). The second is there because a fragment of an IP datagram does
 * not say whose it is before the datagram is whole. One bit is kept for each packet. */
struct wt_choice;

/* NULL when the system gives no memory. */
WT_API struct wt_choice *wt_choice_new(void);
/* The TCP segments between two ends (IPv4 as ::ffff:a.b.c.d), in both directions, from one packet to another, and the
 * ICMP errors that quote them. False when the system gives no memory. */
WT_API bool wt_choice_add(struct wt_choice *choice, const uint8_t ip_a[16], uint16_t port_a, const uint8_t ip_b[16],
                          uint16_t port_b, uint32_t first_frame, uint32_t last_frame);
/* Likewise UDP's datagrams. */
WT_API bool wt_choice_add_udp(struct wt_choice *choice, const uint8_t ip_a[16], uint16_t port_a, const uint8_t ip_b[16],
                              uint16_t port_b, uint32_t first_frame, uint32_t last_frame);
/* True when one of the conversations has an end at the address (4 or 16 bytes). */
WT_API bool wt_choice_has_address(const struct wt_choice *choice, struct wt_span address);
/* All packets of the capture, in their order. False when the system gives no memory. */
WT_API bool wt_choice_look(struct wt_choice *choice, const struct wt_packet *packet);
/* Packets with fragments of chosen datagrams that wt_choice_has() does not know: too many others came before the datagram
 * was whole. */
WT_API uint64_t wt_choice_lost(const struct wt_choice *choice);
WT_API bool wt_choice_has(const struct wt_choice *choice, uint32_t frame);
WT_API void wt_choice_free(struct wt_choice *choice);

/* ---- Packets for a conversation of which only the bytes are known: the handshake of TCP, segments that fit an
 * Ethernet, acknowledgments, an end in order; link type raw IP, checksums right. The caller keeps one of these for each
 * conversation, all zero but for its first three members; sides are 0 for the client and 1 for the server. */
struct wt_rebuilt {
    uint8_t ip[2][16]; /* by side; IPv4 as ::ffff:a.b.c.d */
    uint16_t port[2];
    uint32_t next[2]; /* sequence number of what a side sends next; at first that of its SYN */
    bool open;        /* SYN, SYN-ACK and ACK have been written */
};

WT_API bool wt_rebuild_open(struct wt_capture_writer *writer, struct wt_rebuilt *conversation, struct wt_time time);
/* What a side said; opens the conversation when it is not open. */
WT_API bool wt_rebuild_data(struct wt_capture_writer *writer, struct wt_rebuilt *conversation, unsigned from,
                            struct wt_time time, struct wt_span bytes);
/* FIN from both sides, when it is open; `first` ends first. */
WT_API bool wt_rebuild_close(struct wt_capture_writer *writer, struct wt_rebuilt *conversation, unsigned first,
                             struct wt_time time);

#ifdef __cplusplus
}
#endif
#endif
