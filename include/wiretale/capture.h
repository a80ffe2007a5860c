/* Reading captures: pcap and pcapng, plain or compressed with gzip, zstd or lz4, from a file or a pipe.
 *
 *     struct wt_error error;
 *     struct wt_capture *c = wt_capture_open(path, &error);        // "-" is standard input
 *     struct wt_packet packet;
 *     while (wt_capture_next(c, &packet))
 *         wt_observer_packet(observer, &packet);
 *     if (wt_capture_error(c)->code) …                            // the file lied or ended early: what was read stays
 *     wt_capture_close(c);
 */
#ifndef WIRETALE_CAPTURE_H
#define WIRETALE_CAPTURE_H

#include "wiretale/error.h"
#include "wiretale/span.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A point in time as the capture gives it: nanoseconds since 1970-01-01 UTC, and how many digits after the second the
 * capture's clock has (0 to 9; finer clocks are cut to 9). */
struct wt_time {
    int64_t ns;
    uint8_t digits;
};

/* One packet. The bytes belong to the reader and hold until the next call on it. */
struct wt_packet {
    uint32_t frame;      /* from 1 in each file, as Wireshark's frame.number */
    uint16_t link;       /* LINKTYPE_… of the interface it came from (tcpdump.org/linktypes) */
    struct wt_time time;
    const uint8_t *data;
    uint32_t length;     /* bytes captured */
    uint32_t original;   /* bytes on the wire; > length when the capture cut it (snaplen) */
};

/* Bytes of a sender's stream that one packet carried. */
struct wt_stream_place {
    uint64_t offset; /* of the first, from 0: Wireshark's relative sequence number less one */
    uint32_t length; /* bytes */
    uint32_t frame;  /* packet; 0 when fed as stream bytes */
};

/* Secrets embedded in a pcapng file (Decryption Secrets Block). */
struct wt_capture_secrets {
    uint32_t type; /* 0x544c534b: TLS key log text */
    struct wt_span data;
    uint32_t skipped; /* bytes of a block that is too large to be kept: `type` and `data` are empty then; else 0 */
};

struct wt_capture;

/* NULL on failure, with the reason in *error (WT_IO: errno in value; WT_FORMAT: no capture). A file that is a capture
 * and goes wrong later opens; wt_capture_error() tells afterwards. */
WT_API struct wt_capture *wt_capture_open(const char *path, struct wt_error *error);
/* The same from a descriptor, which is closed with the capture. `name` is for messages only. */
WT_API struct wt_capture *wt_capture_open_fd(int fd, const char *name, struct wt_error *error);

/* The same from an input that has no end yet. `wait` is called while there is nothing to read: on a pipe whose writer
 * pauses, or (`at_end`) at the end of a file, which may grow. It waits as long as it likes, on the descriptor or not, and
 * is called again until something has come. False from it: the input ends here, and where it breaks off is no damage. Of
 * what is compressed, a program that packs it hands on only now and then what it has. */
typedef bool (*wt_capture_wait)(void *context, int fd, bool at_end);
WT_API struct wt_capture *wt_capture_open_growing(int fd, wt_capture_wait wait, void *context, struct wt_error *error);

/* False at the end or at the first damage. */
WT_API bool wt_capture_next(struct wt_capture *capture, struct wt_packet *packet);

/* What stopped wt_capture_next(): code WT_OK at a clean end. offset counts bytes of the (uncompressed) capture. */
WT_API const struct wt_error *wt_capture_error(const struct wt_capture *capture);

/* Bytes of the input consumed so far (of the file as it lies, compressed), and its size; 0 for a pipe. For progress. */
WT_API uint64_t wt_capture_position(const struct wt_capture *capture);
WT_API uint64_t wt_capture_size(const struct wt_capture *capture);

/* "pcap", "pcapng"; and "gzip", "zstd", "lz4" or NULL. */
WT_API const char *wt_capture_format(const struct wt_capture *capture);
WT_API const char *wt_capture_compression(const struct wt_capture *capture);

/* Large files are mapped from now on, which is faster than reading them. Where one shrinks meanwhile Linux sends SIGBUS: a
 * handler for it is installed, which ends that capture with WT_SHRUNK and leaves all else to the handler that was there.
 * False when it cannot be installed. Not while another thread reads captures. */
WT_API bool wt_capture_map_files(void);

/* Whether, from now on, a second thread readies the pages of a mapped file that come next, where the process may use more than
 * one processor. It is started when more than the first piece of the file is read, takes no signals, and is gone when the
 * capture is closed; small files have none. Without a call there is none. Not while another thread reads captures. */
WT_API void wt_capture_read_ahead(bool ahead);

/* Called for each Decryption Secrets Block as it is met. Set before the first wt_capture_next(). */
WT_API void wt_capture_on_secrets(struct wt_capture *capture,
                                  void (*secrets)(void *context, const struct wt_capture_secrets *secrets),
                                  void *context);
/* Looks for the secrets blocks of the whole file before its packets are read, so that those which come after the
 * packets that they decrypt are not too late. After wt_capture_on_secrets(), before the first wt_capture_next(), which
 * then gives none a second time. False when only reading tells: a pipe, a compressed file. */
WT_API bool wt_capture_find_secrets(struct wt_capture *capture);
/* Called for each address of a Name Resolution Block: 4 or 16 bytes of address, and a name (not NUL-terminated). */
WT_API void wt_capture_on_name(struct wt_capture *capture,
                               void (*name)(void *context, struct wt_span address, struct wt_span name), void *context);

WT_API void wt_capture_close(struct wt_capture *capture);

#ifdef __cplusplus
}
#endif
#endif
