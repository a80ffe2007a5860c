/* Two captures of the same connections, taken at two places: what differs between them.
 *
 *     struct wt_compare *c = wt_compare_new();
 *     // every packet of the first capture with side 0, then every packet of the second with side 1
 *     wt_compare_packet(c, 0, &packet);
 *     wt_compare_finish(c, told, context);       // told for each TLS connection of either
 *     wt_compare_free(c);
 */
#ifndef WIRETALE_COMPARE_H
#define WIRETALE_COMPARE_H

#include "wiretale/report.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_compare_difference {
    const char *id;   /* stable kebab case */
    const char *text; /* in the user's language */
    uint8_t kind;     /* one for each id; the gravest first, as they are told */
    uint8_t severity; /* enum wt_severity: error, warning or notice */
    uint16_t number;  /* order among those of one kind */
    uint8_t from;     /* enum wt_side of who sent it; 2: of neither */
    bool probable;    /* not certain: the text says why */
    bool has_range;
    uint32_t frame[2];       /* packet in each capture, 0 for none */
    uint64_t offset, length; /* with has_range: bytes of the sender's stream (by the capture that saw them) */
};

/* Where the nearer place is: which capture lies nearer to the client. */
enum wt_compare_near { WT_COMPARE_NEAR_A, WT_COMPARE_NEAR_B, WT_COMPARE_NEAR_UNKNOWN };

/* How the two were found to be one connection. */
enum wt_compare_match {
    WT_MATCH_NONE,     /* it stands in one capture only */
    WT_MATCH_RANDOMS,  /* the randoms of both hellos */
    WT_MATCH_RANDOM,   /* the ClientHello's random */
    WT_MATCH_SEQUENCE, /* the initial sequence numbers */
    WT_MATCH_ENDS,     /* addresses and ports */
    WT_MATCH_NAME, /* two legs of what ends TLS between them: server name and time, other issuers or a common address */
};

/* One connection as one capture saw it. By direction: of what the client, and the server, sent. */
struct wt_compare_seen {
    bool present, tls;
    uint32_t stream; /* as Wireshark's tcp.stream, with tls */
    struct wt_address client, server;
    uint32_t first_frame, last_frame;
    uint64_t segments;
    uint64_t bytes[2];  /* of the streams, as far as they were seen */
    uint8_t ttl[2];     /* the usual one; 0 unknown */
    uint16_t mss[2];    /* as the SYN announces it; 0 none or not seen */
    int64_t round_trip; /* nanoseconds to the server and back, the shortest; -1 unknown */
};

struct wt_compared {
    uint8_t match, near; /* enum wt_compare_match, enum wt_compare_near */
    struct wt_span sni;  /* bytes of the wire */
    struct wt_compare_seen seen[2];
    int64_t between; /* nanoseconds from the one place to the other and back; -1 unknown */
    bool has_clock;
    int64_t clock, clock_error; /* nanoseconds that the second capture's clock is ahead; how wrong that may be */
    bool cut;                   /* a limit was hit: not all of it was compared */
    bool unaligned[2]; /* by side: nothing shows which bytes are the same ones, so its stream was not compared */
    const struct wt_compare_difference *differences;
    size_t difference_count;
};

/* Both captures as a whole: what frames the connections in a report. */
struct wt_compare_overview {
    size_t size; /* sizeof(struct wt_compare_overview), as the program knows it */
    const char *file[2];
    uint64_t packets[2];
    uint64_t both, different; /* connections in both captures; of those, such with a difference */
    uint64_t alone[2];        /* in one of them only */
    uint64_t left_out;        /* as wt_compare_left_out() */
};

struct wt_compare;

WT_API struct wt_compare *wt_compare_new(void); /* NULL when the system gives no memory */
/* Frames grow within a side; side 0 comes first. */
WT_API void wt_compare_packet(struct wt_compare *compare, unsigned side, const struct wt_packet *packet);
/* Compares and tells. What is told holds until the callback returns. */
WT_API void wt_compare_finish(struct wt_compare *compare,
                              void (*told)(void *context, const struct wt_compared *compared), void *context);
/* Packets of conversations that a limit left out. */
WT_API uint64_t wt_compare_left_out(const struct wt_compare *compare);
WT_API void wt_compare_free(struct wt_compare *compare);

/* As text; as one JSON line of type "comparison". */
WT_API void wt_report_text_compared(struct wt_output *output, const struct wt_compared *compared,
                                    const struct wt_text_options *options);
WT_API void wt_report_json_compared(struct wt_output *output, const struct wt_compared *compared);
/* Before the first: which capture is A, which B. Behind the last: how many connections differ; as one JSON line of type
 * "comparison_summary". */
WT_API void wt_report_text_compare_head(struct wt_output *output, const struct wt_compare_overview *overview,
                                        const struct wt_text_options *options);
WT_API void wt_report_text_compare_end(struct wt_output *output, const struct wt_compare_overview *overview,
                                       const struct wt_text_options *options);
WT_API void wt_report_json_compare_end(struct wt_output *output, const struct wt_compare_overview *overview);

#ifdef __cplusplus
}
#endif
#endif
