/* From a story to what people and programs read. Every byte that came from the wire is escaped. */
#ifndef WIRETALE_REPORT_H
#define WIRETALE_REPORT_H

#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the bytes go: false from `write` (a closed pipe, a full disk) sticks in `failed` and stops the output. */
struct wt_output {
    bool (*write)(void *context, const char *bytes, size_t length);
    void *context;
    bool failed;
};

/* Certificates and messages as JSON, kept from one connection to the next: what shows the same certificates often, or
 * hellos that differ in their random alone, is written with less work. Bounded, whatever comes; for one thread. */
struct wt_json_cache;
WT_API struct wt_json_cache *wt_json_cache_new(void); /* NULL when the system gives no memory */
WT_API void wt_json_cache_free(struct wt_json_cache *cache);

/* Options begin with their size, as the program knows them; all else zero is the default. Where the size is not set, or
 * an option is set that this library, older than the program, does not know, nothing is written and `failed` is set. */
struct wt_json_options {
    size_t size;   /* sizeof(struct wt_json_options) */
    bool messages; /* the array `messages` */
    bool places;   /* with messages: the pieces of each, and the array `records` */
    bool packets;  /* the array `packets`: their headers, when the observer kept them */
    bool fields;   /* with messages: the fields of each with the place of their bytes, also those of certificates and OCSP
                      responses */
    struct wt_json_cache *cache; /* the caller's; NULL: each certificate and message is written anew */
};

/* JSON lines as the JSON contract (docs/json.md) has them. `options` may be NULL: neither messages nor places. */
WT_API void wt_report_json_connection(struct wt_output *output, const struct wt_connection *connection,
                                      const struct wt_json_options *options);
struct wt_overview;
/* `overview` adds what it counted; NULL for the sums alone. */
WT_API void wt_report_json_summary(struct wt_output *output, const struct wt_summary *summary,
                                   const struct wt_overview *overview);

/* The ladder of one connection as SVG, a picture of its own for documents: client and server as two lifelines, every
 * message with its size, what was encrypted, findings where they happened, time to scale. For TCP's part, messages and
 * segments have to be kept by the observer. */
WT_API void wt_report_svg_ladder(struct wt_output *output, const struct wt_connection *connection);

struct wt_text_options {
    size_t size;      /* sizeof(struct wt_text_options) */
    unsigned columns; /* width of the terminal; at least 60 is assumed */
    bool color;       /* ANSI colours */
    bool ascii;       /* no box drawing or arrows: for terminals without UTF-8 */
    bool explain;     /* what a teacher would say under each message */
    bool bytes;       /* with explain: hex of each field; with `record`: long runs of bytes whole */
    /* Secrets are shown only when they are asked for here, whatever the connection carries. */
    bool secrets;        /* "How the keys were made"; needs the observer's keep_secrets */
    uint32_t record;     /* number (from 1) of the record whose protection is shown step by step; 0: none. Needs the
                            observer's `record` and `record_side`, set to the same */
    uint8_t record_side; /* enum wt_side of that record */
    bool unbroken;       /* no name is broken for want of columns, and one-line reports stay on one line: for pipes and
                            files, which have no width */
    bool requests_first; /* a story tells what was asked and answered inside before the messages that led to it */
};

/* One line: for captures with many connections and for live use. Column widths stay put from line to line. What is too
 * long for the columns goes on below, unless the options say `unbroken`. */
WT_API void wt_report_text_line(struct wt_output *output, const struct wt_connection *connection,
                                const struct wt_text_options *options);
/* The line, and below it, where the connection failed or has findings that need action, the cause, what was verified, the
 * findings and what to do: for live use. */
WT_API void wt_report_text_brief(struct wt_output *output, const struct wt_connection *connection,
                                 const struct wt_text_options *options);
/* The whole story; needs messages to be kept. */
WT_API void wt_report_text_story(struct wt_output *output, const struct wt_connection *connection,
                                 const struct wt_text_options *options);
/* The head of a file's report ("article.pcapng: 42 packets, 1 TLS connection") and what could not be decoded. */
WT_API void wt_report_text_summary(struct wt_output *output, const char *file, const struct wt_summary *summary,
                                   const struct wt_text_options *options);

/* What many connections have in common: how they ended and why, with whom, what was chosen, the findings, and how long
 * the servers' certificates last. Feed it every connection as it is told; it keeps nothing of the story, and its memory
 * is bounded however many there are. For one thread. */
WT_API struct wt_overview *wt_overview_new(void); /* NULL when the system gives no memory */
/* Days left of certificates are counted from this time (seconds since 1970 UTC) instead of from when each was seen. */
WT_API void wt_overview_at(struct wt_overview *overview, int64_t seconds);
WT_API void wt_overview_add(struct wt_overview *overview, const struct wt_connection *connection);
WT_API void wt_overview_free(struct wt_overview *overview);
/* Tables, with the first rows of each; nothing when no connection was added. */
WT_API void wt_report_text_overview(struct wt_output *output, const struct wt_overview *overview,
                                    const struct wt_text_options *options);

/* The caller's own sentences, between words broken as the reports break theirs: the text stands from column `indent`
 * on, behind `lead` (NULL for none), which has its line alone when it is too long for that. Each line feed ends a line.
 */
WT_API void wt_report_text_paragraph(struct wt_output *output, const char *lead, unsigned indent, const char *text,
                                     const struct wt_text_options *options);

/* What happens in a step and why: one English sentence, static, to be translated where it is printed; NULL when there is
 * nothing to say beyond its id. */
WT_API const char *wt_step_text(const struct wt_step *step);

/* Bytes from the wire as text that is safe to print: what is no UTF-8, control characters (line ends too) and what turns
 * the direction of text are escaped as in the reports; a backslash is doubled. `ascii`: nothing else comes out. */
WT_API void wt_report_bytes(struct wt_output *output, struct wt_span wire, bool ascii);

#ifdef __cplusplus
}
#endif
#endif
