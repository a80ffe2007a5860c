/* Lines of a terminal: display width, escaping of what came from the wire, wrapping, colours.
 *
 * A wt_term builds one line at a time and hands it to the output when it ends. It never lets a line grow past its
 * columns, whatever is put into it: that is the promise which keeps columns steady. (Output that has no width is
 * `unbroken`: then a word that is wider than the columns stays whole.) */
#ifndef WT_REPORT_TERM_H
#define WT_REPORT_TERM_H

#include "base/buffer.h"
#include "wiretale/report.h"

enum wt_style {
    WT_STYLE_PLAIN,
    WT_STYLE_DIM,
    WT_STYLE_BOLD,
    WT_STYLE_CLIENT,
    WT_STYLE_SERVER,
    WT_STYLE_GOOD,
    WT_STYLE_WARN,
    WT_STYLE_BAD,
    WT_STYLE_HEAD
};

#define WT_TERM_ENDLESS (1u << 24) /* columns */

struct wt_term {
    struct wt_output *output;
    struct wt_buffer line;
    unsigned columns; /* of the terminal */
    unsigned at;      /* display columns on this line so far, with `owed` */
    unsigned owed;    /* spaces not yet written: they vanish at the end of a line */
    uint8_t style;
    bool color, ascii;
    bool unbroken; /* lines may grow past the columns rather than break a word or lose a part */
    bool neutral;  /* sentences are in no language (base/sentences.h): their marks pass, and no line is broken */
    bool full; /* something on this line was cut off */
};

/* The options as this library knows them, in *known, to which *options then points. False when the program's are of no
 * use; the output has then failed. */
bool wt_term_options(struct wt_output *output, struct wt_text_options *known, const struct wt_text_options **options);

void wt_term_start(struct wt_term *t, struct wt_output *output, const struct wt_text_options *options);
void wt_term_free(struct wt_term *t);

/* Our own UTF-8 (from the catalogue, or already escaped); control characters in it are dropped. In ascii mode arrows
 * and boxes become what ASCII has for them. */
void wt_term_text(struct wt_term *t, const char *text);
void wt_term_format(struct wt_term *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Spaces up to a column; none when the line is already there or past it. */
void wt_term_to(struct wt_term *t, unsigned column);
/* Text that ends at a column. */
void wt_term_right(struct wt_term *t, unsigned column, const char *text);
void wt_term_repeat(struct wt_term *t, const char *text, unsigned n);
void wt_term_style(struct wt_term *t, enum wt_style style);
/* Ends the line. */
void wt_term_end(struct wt_term *t);

/* Text that goes on at the present column and is broken between words at column `until`; the lines that follow begin
 * at `indent`. The last line stays open. Breaks are allowed beside wide characters, as Chinese wants it. */
void wt_term_wrap(struct wt_term *t, unsigned indent, unsigned until, const char *text);
/* A paragraph on lines of its own. */
void wt_term_paragraph(struct wt_term *t, unsigned indent, unsigned until, const char *text);

/* Display columns that a string of ours takes. */
unsigned wt_width(const char *text);

enum {
    WT_ESCAPE_ASCII = 1,  /* nothing but ASCII comes out */
    WT_ESCAPE_STRING = 2, /* a string that was made printable before: its backslashes stand */
};

/* Bytes from the wire as text that is safe to print: what is no UTF-8 and what must not be shown as it stands
 * (base/utf8.h) as \xNN, byte by byte as JSON has it; a backslash doubled; where only ASCII may come out, other
 * characters as \u{…}. Shortened with … so that it takes no more than `columns`. The result is appended and ended with
 * a NUL that does not count. */
void wt_escape(struct wt_buffer *b, struct wt_span wire, unsigned columns, unsigned flags);
/* The same into a caller's room, which it always ends; returns room. */
const char *wt_escape_into(char *room, size_t size, struct wt_span wire, unsigned columns, unsigned flags);

/* "16.2 KB", "734 bytes": powers of 1000. */
const char *wt_amount(char room[48], uint64_t bytes);
/* "61.3 ms", "12.4 s", "3 min 20 s". */
const char *wt_duration(char room[48], int64_t ns);

#endif
