/* How a conversation was carried, and the few questions that TLS has for that: was its beginning seen, and whose; how
 * it ended, by whom and when; what reached the other side; what was sent again. TCP answers them from its headers; a
 * caller that feeds streams (wt_observer_stream) has answered the first; UDP has none of them but silence. Only
 * transport.c, segments.c and datagrams.c know more than these answers.
 *
 * Directions are numbered as the conversation's: 0 is that of who opens it, as far as its first packet shows. */
#ifndef WT_OBSERVER_TRANSPORT_H
#define WT_OBSERVER_TRANSPORT_H

#include "capture/packet.h"
#include "capture/tcp.h"
#include "registry/limits.h"

enum wt_transport_kind {
    WT_TRANSPORT_TCP,
    WT_TRANSPORT_STREAM, /* bytes that a caller feeds, without packets: as TCP seen from its first byte on */
    WT_TRANSPORT_UDP,
};

/* `flags`: those of direction 0, and shifted by one of direction 1. */
enum {
    WT_TRANSPORT_SYN = 1,          /* a SYN was seen */
    WT_TRANSPORT_FIN = 4,          /* its FIN was reached */
    WT_TRANSPORT_RST = 16,         /* a RST was its first packet */
    WT_TRANSPORT_LEFT = 64,        /* it was the first to end the conversation, by FIN or RST */
    WT_TRANSPORT_RESET = 256,      /* there was a RST, of either */
    WT_TRANSPORT_RESET_BY_1 = 512, /* of direction 1 */
    WT_TRANSPORT_STRAY = 1024,     /* and one that its receiver cannot have taken */
    WT_TRANSPORT_RIVAL = 2048,     /* segments of another numbering were seen: a device renumbers, or a forgery */
    WT_TRANSPORT_SKEWED = 4096,    /* by its time the SYN-ACK came before the SYN: two clocks */
    WT_TRANSPORT_ANSWERED = 8192,  /* a direction's SYN was a SYN-ACK; and shifted by one */
};

/* UDP: what passed between two ends, and the connection that was found there last; of a connection's own conversation
 * `serial`, `news_ns`, and when it ends by itself. */
struct wt_udp_ends {
    union {
        uint64_t bytes[2]; /* payload, as sent */
        struct {
            int64_t ends_ns;     /* unless something comes before; 0: never */
            int64_t patience_ns; /* how long it may be silent; 0: for ever */
        } life;
    };
    uint32_t packets[2];
    uint32_t connection, stream; /* id and number of the connection's conversation */
    int64_t news_ns[2];          /* of a connection: when handshake messages came that had not come before; 0: none */
    uint32_t serial;             /* which connection of the run that is, from 1 on; 0: none */
    uint8_t kind;                /* enum wt_bucket, by what was found in it; 0: nothing yet */
    bool closes;                 /* the end of the connection was said */
};

/* 72 bytes; all zero is TCP of which nothing was seen. What every packet touches comes first, in one cache line. */
struct wt_transport {
    union {
        struct wt_tcp_direction tcp[2]; /* also of a stream: whole from its first byte */
        struct wt_udp_ends udp;
    };
    uint16_t flags;
    uint8_t kind;        /* enum wt_transport_kind */
    uint8_t syns;        /* of direction 0, without ACK */
    uint16_t repeats[2]; /* since TLS was found: segments that carried nothing new */
};

/* How it ended, kept for conversations with TLS alone: the packets that say so, whether or not all before them came. */
struct wt_transport_end {
    int64_t ns;                 /* of the first FIN or RST; 0: none */
    struct wt_tcp_stamp fin[2]; /* by direction; frame 0: none */
    struct wt_tcp_stamp rst[2]; /* likewise of its first RST */
    int64_t reset_ns;           /* of the first RST of either */
    uint32_t reset_frame;
    uint32_t reset_acknowledgment; /* 0: nothing */
    uint8_t reset_by;              /* its direction */
    bool reset_seen;
};

/* The newest segment of a direction with payload. */
struct wt_newest {
    uint32_t at; /* its time, in units of 1024 ns modulo 2^32 */
    uint16_t id; /* IPv4's Identification, 0 without */
};

static inline bool wt_transport_is_fed(const struct wt_transport *t)
{
    return t->kind == WT_TRANSPORT_STREAM;
}

static inline bool wt_transport_is_datagrams(const struct wt_transport *t)
{
    return t->kind == WT_TRANSPORT_UDP;
}

/* The next of TCP's options that is none of the padding, with what follows its length; *options is what is left behind
 * it. False: there is no more. RFC 9293, 3.2: kind, and length but for the first two. */
bool wt_transport_next_option(struct wt_span *options, uint8_t *kind, struct wt_span *body);

/* --- the beginning --- */

/* The packet that opens a direction was seen; of a stream that was fed, direction 0's counts so. */
static inline bool wt_transport_opened(const struct wt_transport *t, unsigned direction)
{
    return t->flags & (WT_TRANSPORT_SYN << direction);
}

/* One of them was, or both were. */
static inline bool wt_transport_opened_any(const struct wt_transport *t)
{
    return t->flags & (WT_TRANSPORT_SYN | WT_TRANSPORT_SYN << 1);
}

/* UDP has no packets for that: a connection begins where its hello is seen. */
static inline bool wt_transport_opened_both(const struct wt_transport *t)
{
    const unsigned both = WT_TRANSPORT_SYN | WT_TRANSPORT_SYN << 1;
    return (t->flags & both) == both || t->kind == WT_TRANSPORT_UDP;
}

/* A direction's bytes are followed from the first one on. */
static inline bool wt_transport_from_start(const struct wt_transport *t, unsigned direction)
{
    return t->kind != WT_TRANSPORT_UDP && t->tcp[direction].syn;
}

/* Anything of a direction's stream was seen, be it without bytes. */
static inline bool wt_transport_seen(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind != WT_TRANSPORT_UDP && d->started && (!d->implied || d->window);
}

/* The connection was refused: direction 1 answers with a RST alone. RFC 9293, 3.5.2: "If the connection does not exist
 * (CLOSED), then a reset is sent in response to any incoming segment except another reset." */
static inline bool wt_transport_is_refused(const struct wt_transport *t)
{
    return t->flags & (WT_TRANSPORT_RST << 1) && !(t->flags & (WT_TRANSPORT_SYN << 1));
}

/* Direction 0 asked to open `wt_transport_attempts()` times, more than once, and nothing of the other side was seen or
 * acknowledged: a capture of one direction has its acknowledgments. */
bool wt_transport_is_unanswered(const struct wt_transport *t);

static inline unsigned wt_transport_attempts(const struct wt_transport *t)
{
    return t->syns;
}

/* --- the end --- */

/* A direction has ended in order, all before its end known. */
static inline bool wt_transport_ended(const struct wt_transport *t, unsigned direction)
{
    return t->flags & (WT_TRANSPORT_FIN << direction);
}

static inline bool wt_transport_is_reset(const struct wt_transport *t)
{
    return t->flags & WT_TRANSPORT_RESET;
}

/* One side or both have ended it, by whatever. */
static inline bool wt_transport_is_ending(const struct wt_transport *t)
{
    return t->flags & (WT_TRANSPORT_RESET | WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1);
}

/* Nothing more is to come: both sides have ended, or it was reset. */
static inline bool wt_transport_is_over(const struct wt_transport *t)
{
    return t->flags & WT_TRANSPORT_RESET || (t->flags & WT_TRANSPORT_FIN && t->flags & (WT_TRANSPORT_FIN << 1));
}

/* A direction was the first to end it, by FIN or RST. */
static inline bool wt_transport_left_first(const struct wt_transport *t, unsigned direction)
{
    return t->flags & (WT_TRANSPORT_LEFT << direction);
}

/* The RST of a conversation that was reset; what was expected next of its side when it came, and the number it had. */
static inline unsigned wt_transport_reset_by(const struct wt_transport *t)
{
    return t->flags & WT_TRANSPORT_RESET_BY_1 ? 1 : 0;
}

static inline uint32_t wt_transport_reset_next(const struct wt_transport *t)
{
    return t->tcp[wt_transport_reset_by(t)].mark;
}

static inline uint32_t wt_transport_reset_number(const struct wt_transport *t)
{
    return t->tcp[!wt_transport_reset_by(t)].mark;
}

/* RFC 5961, 3.2: "If the RST bit is set and the sequence number exactly matches the next expected sequence number
 * (RCV.NXT), then TCP MUST reset the connection"; one elsewhere in the window is answered by a challenge ACK, though
 * older receivers take it. What comes after it shows which. A FIN counts one. */
static inline bool wt_transport_is_doubtful(const struct wt_transport *t)
{
    const struct wt_tcp_direction *by = &t->tcp[wt_transport_reset_by(t)];
    const uint32_t number = wt_transport_reset_number(t);
    const bool follows_fin = by->fin && number == by->fin_seq + 1;
    return t->flags & WT_TRANSPORT_RESET && number != wt_transport_reset_next(t) && !follows_fin && by->started;
}

/* Direction 0 is known to be the server's, by its SYN-ACK; or direction 1. */
static inline bool wt_transport_answered(const struct wt_transport *t, unsigned direction)
{
    return t->flags & (WT_TRANSPORT_ANSWERED << direction);
}

/* Packets of one direction alone are in the capture. */
static inline bool wt_transport_is_one_sided(const struct wt_transport *t)
{
    return t->kind == WT_TRANSPORT_TCP && wt_transport_seen(t, 0) != wt_transport_seen(t, 1);
}

/* The two directions' times are by clocks that differ: what lies between them has no meaning. */
static inline bool wt_transport_is_skewed(const struct wt_transport *t)
{
    return t->flags & WT_TRANSPORT_SKEWED;
}

/* --- what reached the other side --- */

/* RFC 5961, 5.2, MAX.SND.WND: "the largest window that the local sender has ever received from its peer". So many bytes
 * of a direction can be sent beyond what was acknowledged; where no window or scale was seen, what systems give. */
uint32_t wt_transport_window(const struct wt_transport *t, unsigned direction);

/* The receiver has acknowledged all bytes of a direction that were seen. */
static inline bool wt_transport_is_acknowledged(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind != WT_TRANSPORT_UDP && d->has_ack && (int32_t)(d->acked - d->next) >= 0;
}

/* It has acknowledged them to the byte and nothing beyond: bytes after a hole that begins here did not reach it. */
static inline bool wt_transport_stops_here(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind != WT_TRANSPORT_UDP && d->has_ack && d->acked == d->next;
}

/* What the receiver has acknowledged of a direction; false: nothing was seen of that. */
static inline bool wt_transport_acknowledged(const struct wt_transport *t, unsigned direction, uint32_t *number)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    const bool is = t->kind == WT_TRANSPORT_TCP && d->has_ack;
    *number = is ? d->acked : 0;
    return is;
}

/* The next byte of a direction to be handed on has that number. */
static inline bool wt_transport_stands_at(const struct wt_transport *t, unsigned direction, uint32_t number)
{
    return t->kind == WT_TRANSPORT_TCP && t->tcp[direction].next == number;
}

/* Whether a packet that acknowledges so much of a direction was sent after that direction's FIN had come. */
static inline bool wt_transport_follows_fin(const struct wt_transport *t, unsigned direction, uint32_t acknowledgment)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind == WT_TRANSPORT_TCP && d->fin && (int32_t)(acknowledgment - d->fin_seq) > 0;
}

/* The same where the packets tell nothing of it (no acknowledgment, no FIN that was reached in order): by their place
 * in the capture. */
static inline bool wt_transport_follows_end(const struct wt_transport *t, const struct wt_transport_end *end,
                                            unsigned direction, uint32_t frame, uint32_t acknowledgment)
{
    if (acknowledgment && t->kind == WT_TRANSPORT_TCP && t->tcp[direction].fin)
        return wt_transport_follows_fin(t, direction, acknowledgment);
    return end->fin[direction].frame && end->fin[direction].frame < frame;
}

/* A direction has bytes up to `number`, of which its receiver has acknowledged less. */
static inline bool wt_transport_is_short_of(const struct wt_transport *t, unsigned direction, uint32_t number)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind == WT_TRANSPORT_TCP && d->has_ack && (int32_t)(d->acked - number) < 0;
}

/* Bytes after all that were seen, which the receiver acknowledged all the same: the capture has lost them. */
static inline uint32_t wt_transport_unseen(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    int32_t n = (int32_t)(d->acked - d->next - d->ended);
    /* A FIN counts one: one more than was seen is a FIN that was not. What no receiver takes in one go nobody has sent
     * (RFC 9293, 3.10.7.4: an acknowledgment of "something not yet sent" is dropped). */
    bool lost = n > !d->ended && n <= (int32_t)WT_LIMIT_TCP_UNSEEN && d->has_ack && wt_transport_seen(t, direction);
    return lost && t->kind != WT_TRANSPORT_UDP ? (uint32_t)n : 0;
}

/* A direction's FIN was acknowledged, though not seen. */
bool wt_transport_ended_unseen(const struct wt_transport *t, unsigned direction);

/* Overlapping pieces of a direction had different bytes. */
static inline bool wt_transport_conflicts(const struct wt_transport *t, unsigned direction)
{
    return t->kind != WT_TRANSPORT_UDP && t->tcp[direction].conflict;
}

/* How often a direction sent again what it had sent, since TLS was found. Copies that the capture holds of one packet
 * count once. */
static inline unsigned wt_transport_repeats(const struct wt_transport *t, unsigned direction)
{
    return t->repeats[direction];
}

/* --- what happens to it: segments.c, and who feeds streams --- */

void wt_transport_feed(struct wt_transport *t); /* becomes a stream */
/* n bytes of a stream that is fed were taken. */
static inline void wt_transport_fed(struct wt_transport *t, unsigned direction, size_t n)
{
    t->tcp[direction].next += (uint32_t)n;
}
/* A stream that is fed has ended, by whom is not said. */
void wt_transport_end_stream(struct wt_transport *t, bool reset);
/* A SYN came, so long after the newest packet of the conversation. RFC 6298, 2.1 and 2.4: it is sent again after a
 * second or more (in practice never within WT_LIMIT_RTO_NS): what comes sooner is a copy. */
static inline void wt_transport_open(struct wt_transport *t, unsigned direction, uint8_t tcp_flags, int64_t age)
{
    bool again = t->flags & (WT_TRANSPORT_SYN << direction);
    t->flags |= (uint16_t)(WT_TRANSPORT_SYN << direction);
    if (tcp_flags & WT_TCP_ACK)
        t->flags |= (uint16_t)(WT_TRANSPORT_ANSWERED << direction);
    else if (direction == 0 && t->syns < UINT8_MAX && !(again && age < WT_LIMIT_RTO_NS))
        t->syns++;
}
/* What a SYN says of the window scale (RFC 7323, 2.2), and of the window where it is the answer to a SYN with one. */
void wt_transport_scale(struct wt_transport *t, unsigned direction, const struct wt_segment *s);
/* Whether a SYN-ACK answers the SYN that was seen. */
bool wt_transport_answers(const struct wt_transport *t, unsigned direction, uint32_t acknowledgment);
/* Whether `number`, beyond all that was seen of a direction, can acknowledge what was sent in it. One that cannot is
 * remembered: a segment near it would confirm it. */
bool wt_transport_may_acknowledge(struct wt_transport *t, unsigned direction, uint32_t number);
/* A direction ends it, by FIN or RST: the first counts. */
static inline void wt_transport_leave(struct wt_transport *t, unsigned direction)
{
    if (!(t->flags & (WT_TRANSPORT_LEFT | WT_TRANSPORT_LEFT << 1)))
        t->flags |= (uint16_t)(WT_TRANSPORT_LEFT << direction);
}
/* The end as a packet says it. */
static inline void wt_transport_end_fin(struct wt_transport_end *end, unsigned direction, struct wt_tcp_stamp stamp)
{
    if (!end->fin[direction].frame)
        end->fin[direction] = stamp;
    if (!end->ns)
        end->ns = stamp.ns;
}
/* Which direction ended it first, by what FINs and RSTs acknowledge and not by their place in the capture; where
 * neither knows of the other, by their times. By clocks that differ nobody was first. */
void wt_transport_order_ends(struct wt_transport *t, struct wt_transport_end *end);

static inline void wt_transport_end_reset(struct wt_transport_end *end, unsigned direction, struct wt_tcp_stamp stamp)
{
    if (!end->rst[direction].frame)
        end->rst[direction] = stamp;
    if (end->reset_seen)
        return;
    end->reset_seen = true;
    end->reset_frame = stamp.frame;
    end->reset_acknowledgment = stamp.acknowledgment;
    end->reset_ns = stamp.ns;
    end->reset_by = (uint8_t)direction;
    if (!end->ns)
        end->ns = stamp.ns;
}

static inline bool wt_transport_end_by(const struct wt_transport_end *end, unsigned direction)
{
    return end->fin[direction].frame || (end->reset_seen && end->reset_by == direction);
}

#endif
