/* What the page says once for all connections: fields and what they mean, names of code points, certificates, and the
 * sentences that occur. */
#ifndef WT_REPORT_PAGE_NAMES_H
#define WT_REPORT_PAGE_NAMES_H

#include "base/buffer.h"
#include "report/json/writer.h"
#include "report/page/values.h"
#include "wiretale/story.h"

/* An open-addressed table from keys of a few bytes to numbers in the order in which they came. */
struct wt_page_table {
    uint64_t *keys; /* by number */
    size_t n, room;
    uint32_t *slots; /* number + 1 */
    size_t slot_count;
};

struct wt_page_certificate {
    uint32_t block, position;
};

struct wt_page_names {
    struct wt_page_table fields; /* by the addresses of name and place, which are static, or the extension's id */
    struct wt_buffer field_text; /* JSON of each, in their order */
    struct wt_page_table codes;  /* registry << 32 | value */
    struct wt_page_table oids;   /* by the hash of the dotted form */
    struct wt_buffer oid_text;   /* JSON members */
    struct wt_page_table suites; /* what each is made of */
    struct wt_buffer suite_text; /* JSON members */
    struct wt_page_certificate *certificates;
    size_t certificate_count, certificate_room;
    struct wt_page_values digests; /* SHA-256 of each certificate, by its number */
    uint8_t *sentences;            /* a bit for each number */
    size_t sentence_bytes;
};

void wt_page_names_free(struct wt_page_names *n);

/* The number of a field, told on the page with its name, the place that it belongs to and what it means; both are
 * static. SIZE_MAX without memory. */
size_t wt_page_field(struct wt_page_names *n, const char *place, const char *name);
/* Of an extension, by its code point. */
size_t wt_page_extension(struct wt_page_names *n, const char *place, const char *name, uint16_t id);
/* The name of this code point will be told. */
void wt_page_code(struct wt_page_names *n, unsigned registry, uint64_t value);
/* What the cipher suite is made of, in a few words, will be told. */
void wt_page_suite(struct wt_page_names *n, uint16_t suite);
void wt_page_oid(struct wt_page_names *n, const char *dotted, const char *name);

/* The number of a certificate; *is_new when it was not there before: the caller then sets its place. SIZE_MAX without
 * memory. */
size_t wt_page_certificate(struct wt_page_names *n, const uint8_t sha256[32], bool *is_new);

/* Marks the sentences that a piece of JSON refers to. */
void wt_page_sentences(struct wt_page_names *n, struct wt_span json);

/* The members "fields", "codes", "oids", "suites", "certificates" and "sentences" of the index. */
void wt_page_names_write(struct wt_page_names *n, struct wt_json *j);

#endif
