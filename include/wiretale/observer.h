/* The observer: packets or stream bytes in, the story of every TLS connection out.
 *
 *     struct wt_observer_options options = {.size = sizeof options, .connection = print, .context = stdout};
 *     struct wt_observer *o = wt_observer_new(&options, &error);
 *     wt_observer_file(o, "capture.pcapng");          // names the file; stream numbers start at 0
 *     while (wt_capture_next(capture, &packet))
 *         wt_observer_packet(o, &packet);
 *     wt_observer_finish(o);                          // every connection has been told when this returns
 *     wt_observer_free(o);
 *
 * An observer is for one thread; several observers may run side by side. */
#ifndef WIRETALE_OBSERVER_H
#define WIRETALE_OBSERVER_H

#include "wiretale/keys.h"
#include "wiretale/story.h"
#include "wiretale/trust.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_quic_packet_told; /* quic_packet.h */

/* A piece of what a side's application said, in the order of that side. `bytes` holds during the call. */
struct wt_plaintext {
    const char *file;
    uint32_t stream; /* as in struct wt_connection */
    struct wt_address client, server;
    uint8_t from;    /* enum wt_side */
    bool early;      /* TLS 1.3 early data */
    bool end;        /* the connection is over: no bytes; the last call for it */
    uint32_t frame;  /* packet that completed the record */
    struct wt_time time;
    struct wt_span bytes;
    bool quic;            /* bytes of a stream of QUIC, in that stream's order, each once */
    bool fin;             /* with `quic`: its last ones, perhaps none */
    uint64_t quic_stream; /* with `quic`: its id */
    uint64_t lost;        /* with `quic`: bytes of the stream before these that the capture does not have */
};

/* Which signatures are checked. A public-key operation costs more than all the rest of a handshake. */
enum wt_verify {
    WT_VERIFY_AUTO, /* all, until a server's key has signed rightly WT_VERIFY_ENOUGH times in this run; no key or chain
                       that costs too much, and only so much in a second of the capture */
    WT_VERIFY_ALL,
    WT_VERIFY_NONE,
};
enum { WT_VERIFY_ENOUGH = 100 };

/* All zero but `size` is the default of each. */
struct wt_observer_options {
    size_t size; /* sizeof(struct wt_observer_options), as the program knows it */
    /* Told once for each TLS connection, in the order of their first packets, when it has ended and all before it have
     * been told; those over UDP in an order of their own. */
    void (*connection)(void *context, const struct wt_connection *connection);
    /* Told as soon as a connection's outcome is known (established or failed), in any order; for live use. May be
     * NULL. */
    void (*known)(void *context, const struct wt_connection *connection);
    void *context;
    bool keep_messages;         /* the `messages` array and raw fingerprint strings */
    bool keep_packet_headers;     /* with keep_messages: `packets`, the headers of the packets that carried them */
    uint32_t keep_connections;  /* with keep_messages: only for the first so many connections; 0 for all */
    struct wt_keys *keys;       /* or NULL; must outlive the observer */
    const struct wt_trust *trust; /* what chains are judged by; NULL: the system's store. Must outlive the observer */
    /* Told for every record of application data that was opened. May be NULL. */
    void (*plaintext)(void *context, const struct wt_plaintext *piece);
    uint8_t verify;             /* enum wt_verify */
    bool digest_plaintext;      /* SHA-256 of what each side said; it costs more than opening it */
    bool keep_secrets;          /* `derivation` and `key_log` */
    bool read_application;      /* `exchanges` */
    uint8_t record_side;        /* enum wt_side: with `record` */
    uint32_t record;            /* number (from 1) of the record whose protection is kept in `record_steps`; 0: none */
    uint32_t idle_seconds;      /* a connection silent for so long (by packet times) has ended; 0 for never */
    bool keep_segments;         /* with keep_messages: `segments` */
    uint32_t keep_record_steps; /* without `record`: `record_steps` of so many encrypted records, the first of each side,
                                   as far as a limit on their bytes allows */
    bool neutral;               /* the sentences of stories are in no language yet, for page.h, which has several, and
                                   for wt_connection_spoken(); other reports show their numbers */
    uint64_t max_memory;        /* bytes that connections, datagrams and certificates together may take, about; when it is
                                   more, those go first that were silent for the longest time: they are reported as they
                                   are, with the finding memory-limit. 0: 512 MiB */
    bool as_they_end;           /* connections are reported when they have ended, in that order: nothing is kept of them
                                   until those before have ended, too */
    /* With as_they_end: all connections with stream numbers below `stream` have been reported, but for those that turn
     * out later not to have ended. NULL: nobody restores their order. Those over UDP come in order. */
    void (*reported)(void *context, uint32_t stream);
    bool forget_secrets;        /* what key logs gave for a connection is wiped from `keys` when it has been reported */
    /* `keys` gets what one of the two sides, an endpoint of ours, has derived: where that does not open something no key
     * log was forgotten, and `not_decrypted` does not ask for one. See watch.h */
    bool own_secrets;
    /* Asked for each TLS connection when its first byte was found, and again, for the same answer, when it is read anew.
     * Of *begun `stream`, `protocol` (WT_PROTOCOL_TLS, or WT_PROTOCOL_DTLS for what is over UDP) and the two addresses are
     * known, either of which may be the client's. false: it counts as all do, but is not reported; its messages and
     * plaintext are not kept, and of its records that can only be application data those are left encrypted that need
     * not be deciphered for those after them. NULL: all are wanted. */
    bool (*wanted)(void *context, const struct wt_connection *begun);
    bool no_places;             /* with keep_messages: messages have no `pieces`, and there are no `records`. It has no
                                   effect with keep_packet_headers or keep_segments */
    bool second_thread;         /* with digest_plaintext: where the process may use more than one processor, a second thread
                                   makes the digests of long streams. It is started when there are some, takes no signals, calls
                                   nobody, and is gone when the observer is freed. What is reported is the same */
    /* Told for every QUIC packet of a connection that is followed, opened or not. May be NULL. */
    void (*quic_packet)(void *context, const struct wt_quic_packet_told *packet);
    bool keep_datagrams;        /* with keep_messages: the bytes of packets in `quic` and of records in `dtls`, opened */
    /* Asked for each connection before `connection` is told of it: the process that it belongs to, for its `process`. What
     * it points to has to hold until that call returns. NULL, the option or the answer: nobody knows. */
    const struct wt_process *(*process)(void *context, const struct wt_connection *connection);
};

struct wt_observer;

/* NULL with the reason in *error, which may be NULL: WT_MEMORY; WT_VALUE when options->size is not set; WT_UNSUPPORTED
 * when an option is set that this library, older than the program, does not know. */
WT_API struct wt_observer *wt_observer_new(const struct wt_observer_options *options, struct wt_error *error);

/* For inputs that go on while somebody watches: nothing has come until this time, so that connections which wait for
 * stragglers, or were silent for too long, have ended. All that have ended are told, also where others that began before
 * them have not. */
WT_API void wt_observer_time(struct wt_observer *observer, struct wt_time now);

/* The same input goes on in another file, whose first packet is of this time: if that is after a pause, it was a pause
 * of the capture, and no peer's silence. Packets are to be numbered on. */
WT_API void wt_observer_resumes(struct wt_observer *observer, struct wt_time time);

/* A new input begins: connections of the one before have ended and are told. `name` is copied. */
WT_API void wt_observer_file(struct wt_observer *observer, const char *name);

WT_API void wt_observer_packet(struct wt_observer *observer, const struct wt_packet *packet);

/* Bytes without packets: a proxy's or a program's own connection. */
struct wt_stream;
WT_API struct wt_stream *wt_observer_stream(struct wt_observer *observer, const struct wt_address *client,
                                            const struct wt_address *server);
WT_API void wt_stream_bytes(struct wt_stream *stream, enum wt_side from, struct wt_time time, const void *bytes,
                            size_t length);
/* That side has closed it: nothing more comes from there. reset: by a RST, which ends both directions, rather than by a
 * FIN. */
WT_API void wt_stream_end(struct wt_stream *stream, enum wt_side from, struct wt_time time, bool reset);
/* Ends it, by whom is not said if wt_stream_end() has not said it; the handle is gone. reset: by a RST rather than in
 * order. */
WT_API void wt_stream_close(struct wt_stream *stream, struct wt_time time, bool reset);

/* Ends all connections and tells them. */
WT_API void wt_observer_finish(struct wt_observer *observer);

/* Holds until the next call on the observer. */
WT_API const struct wt_summary *wt_observer_summary(struct wt_observer *observer);

WT_API void wt_observer_free(struct wt_observer *observer);

/* What a finding's id stands for, in the user's language. */
struct wt_finding_kind {
    const char *id;
    uint8_t severity;      /* enum wt_severity: of a root cause WT_FATAL, though it may be less on a connection that came up */
    char text[800];        /* the sentence, with … for what was seen */
    const char *advice;    /* or NULL */
    const char *reference; /* the RFC's section, or other source, that decides it; or NULL */
};

/* The i-th kind there is; false past the last. */
WT_API bool wt_finding_kind(size_t i, struct wt_finding_kind *kind);

#ifdef __cplusplus
}
#endif
#endif
