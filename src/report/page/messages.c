/* The messages of a connection, in the rows of its story. */
#include "report/page/messages.h"

#include "base/uninitialized.h"
#include "codec/codec.h"
#include "codec/header_fields.h"
#include "registry/registry.h"
#include "report/page/block.h"
#include "report/page/explained.h"
#include "report/page/fields.h"
#include "report/page/learns.h"
#include "report/text/names.h"
#include "report/text/remark.h"
#include "story/words.h"

static void pieces(struct wt_json *j, const struct wt_message *m)
{
    if (!m->piece_count)
        return;
    wt_json_key(j, "pieces");
    wt_json_open(j, '[');
    for (size_t i = 0; i < m->piece_count; i++) {
        const struct wt_message_piece *piece = &m->pieces[i];
        wt_json_open(j, '[');
        wt_json_number(j, piece->record);
        wt_json_number(j, piece->inside);
        wt_json_number(j, piece->length);
        wt_json_number(j, piece->opened);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
}

/* The 4 bytes that are before the body on the wire (RFC 8446, 4; RFC 5246, 7.4). */
static void header(struct wt_page *p, struct wt_json *j, const struct wt_message *m)
{
    const uint8_t bytes[4] = {m->type, (uint8_t)(m->length >> 16), (uint8_t)(m->length >> 8), (uint8_t)m->length};
    if (m->content_type != WT_CONTENT_HANDSHAKE || m->flags & WT_MESSAGE_SSL2 || wt_rows_is_hidden(m) ||
        !(m->flags & WT_MESSAGE_TYPED))
        return;
    wt_json_key(j, "header");
    wt_json_hex(j, wt_span_of(bytes, sizeof bytes));
    wt_page_header_fields(p, j, "header_fields", "handshake", wt_handshake_header_fields,
                          wt_span_of(bytes, sizeof bytes));
}

/* Of the first record that carried it. */
static void record_header(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                          const struct wt_message *m)
{
    const struct wt_record_seen *r =
        m->piece_count ? wt_connection_record(c, (enum wt_side)m->from, m->pieces[0].record) : NULL;
    if (!r)
        return;
    const struct wt_span bytes = wt_span_of(r->header, r->header_length);
    wt_json_key(j, "record_header");
    wt_json_hex(j, bytes);
    wt_page_header_fields(p, j, "record_fields", "record", wt_record_header_fields, bytes);
}

static void data_of(struct wt_json *j, const char *key, const struct wt_data_count *count,
                    const struct wt_data_count *opened)
{
    wt_json_key_of(j, key, strlen(key));
    wt_json_open(j, '{');
    wt_json_member_number(j, "records", count->records);
    wt_json_member_number(j, "bytes", count->bytes);
    if (opened->records)
        wt_json_member_number(j, "opened", opened->bytes);
    wt_json_close(j, '}');
}

static void run(struct wt_page *p, struct wt_json *j, const struct wt_connection *c, const struct wt_row *row)
{
    record_header(p, j, c, &c->messages[row->first]);
    wt_json_member_number(j, "count", row->count);
    wt_json_key(j, "data");
    wt_json_open(j, '{');
    data_of(j, "client", &row->data[WT_CLIENT], &row->opened[WT_CLIENT]);
    data_of(j, "server", &row->data[WT_SERVER], &row->opened[WT_SERVER]);
    wt_json_close(j, '}');
}

static void content(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_message *m,
                    const struct wt_page_body *body)
{
    wt_json_member_number(j, "content", m->content_type);
    if (m->inner_type)
        wt_json_member_number(j, "inner", m->inner_type);
    if (m->flags & WT_MESSAGE_TYPED)
        wt_json_member_number(j, "type", m->type);
    if (wt_message_type_name(m))
        wt_json_member_text(j, "type_name", wt_message_type_name(m));
    wt_json_member_number(j, "version", m->record_version);
    wt_json_member_number(j, "length", m->length);
    header(p, j, m);
    record_header(p, j, x->c, m);
    if (!m->body.n)
        return;
    wt_page_message_fields(p, j, m, body);
    wt_page_message_certificates(p, j, x->c, m);
}

static const struct {
    unsigned flag;
    const char *key;
} flags[] = {
    {WT_MESSAGE_ENCRYPTED, "encrypted"},   {WT_MESSAGE_DECRYPTED, "opened"}, {WT_MESSAGE_MALFORMED, "malformed"},
    {WT_MESSAGE_UNEXPECTED, "unexpected"}, {WT_MESSAGE_RETRY, "retry"},      {WT_MESSAGE_SSL2, "ssl2"},
    {WT_MESSAGE_REPEATED, "repeated"},
};

/* A row on its way into the page. */
struct entry {
    const struct wt_row *row;
    const struct wt_message *m;
    struct wt_page_body body;
    struct wt_page_facts facts;
    bool has_facts; /* they are all that its explanation depends on */
};

static void kind(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct entry *e)
{
    const struct wt_message *m = e->m;
    const size_t learns = wt_page_learns(p, x->c, e->row);
    wt_json_open(j, '{');
    wt_json_member_number(j, "kind", e->row->kind);
    wt_json_member_number(j, "from", e->row->from);
    wt_json_member_text(j, "name", wt_text_row(x, e->row));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        wt_json_member_flag(j, flags[i].key, m->flags & flags[i].flag);
    wt_json_member_number(j, "record", m->record);
    if (m->flags & WT_MESSAGE_LEVEL)
        wt_json_member_word(j, "level", wt_words_level(m->level));
    pieces(j, m);
    if (e->row->kind == WT_ROW_MESSAGE)
        content(p, j, x, m, &e->body);
    else
        run(p, j, x->c, e->row);
    if (learns != SIZE_MAX)
        wt_json_member_number(j, "learns", learns);
    wt_json_member_number(j, "explain", wt_page_explained(p, x, e->row, e->has_facts ? &e->facts : NULL));
    wt_json_close(j, '}');
}

/* What decides all of that, where nothing in the message's bytes does but their layout and the notes on it: in p->key.
 */
static void kind_facts(struct wt_page *p, const struct wt_connection *c, const struct entry *e)
{
    const struct wt_row *row = e->row;
    const uint64_t numbers[] = {e->m->record, row->count, e->body.layout, wt_page_learns_from(c, e->m), e->m->level};
    p->key.n = 0;
    (void)wt_buffer_add(&p->key, &e->facts, sizeof e->facts);
    (void)wt_buffer_add(&p->key, numbers, sizeof numbers);
    for (unsigned side = 0; side < 2 && row->kind != WT_ROW_MESSAGE; side++) {
        const uint64_t data[] = {row->data[side].records, row->data[side].bytes, row->opened[side].records,
                                 row->opened[side].bytes};
        (void)wt_buffer_add(&p->key, data, sizeof data);
    }
    for (size_t i = 0; i < e->m->piece_count; i++) {
        const struct wt_message_piece *piece = &e->m->pieces[i];
        const uint64_t piece_numbers[] = {piece->record, piece->inside, piece->length, piece->opened};
        (void)wt_buffer_add(&p->key, piece_numbers, sizeof piece_numbers);
    }
    if (e->body.layout != SIZE_MAX)
        (void)wt_buffer_add(&p->key, p->notes.p, p->notes.n);
    p->values.failed |= p->key.failed;
}

/* The value with all but when and in which packet it came, its bytes and its remark, which may name a host: other
 * connections have one that is the same in this. SIZE_MAX without memory. */
static size_t kind_of(struct wt_page *p, struct wt_text *x, const struct entry *e)
{
    const bool certificate = e->m->content_type == WT_CONTENT_HANDSHAKE && e->m->type == WT_HANDSHAKE_CERTIFICATE;
    const bool plain = e->has_facts && e->m->error.code == WT_OK && (!e->m->body.n || (e->body.plain && !certificate));
    struct wt_output output;
    struct wt_json like WT_UNINITIALIZED;
    bool is_new = true;
    size_t at = 0;
    if (plain) {
        kind_facts(p, x->c, e);
        at = wt_page_values_enter(&p->known, WT_PAGE_MESSAGE, wt_buffer_span(&p->key), &is_new);
    }
    if (at == SIZE_MAX || !is_new)
        return at == SIZE_MAX ? SIZE_MAX : p->known.list[at].first;
    wt_page_like_start(p, &like, &output);
    kind(p, &like, x, e);
    const size_t number = wt_page_like_end(p, &like);
    if (plain)
        p->known.list[at].first = (uint32_t)number;
    return number;
}

static void message(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_row *row)
{
    const struct wt_message *m = &x->c->messages[row->first];
    struct entry e WT_UNINITIALIZED; /* its body is large, and seldom filled */
    e.row = row;
    e.m = m;
    e.body.layout = SIZE_MAX;
    e.body.plain = false;
    e.has_facts = wt_page_facts(&e.facts, x, row);
    if (row->kind == WT_ROW_MESSAGE && m->body.n)
        wt_page_body_read(p, x, m, &e.body);
    wt_json_open(j, '[');
    wt_json_number(j, kind_of(p, x, &e));
    wt_json_integer(j, m->time.ns - x->c->start.ns);
    wt_json_number(j, m->frame);
    const char *remark = wt_text_remark_of(x, row, e.body.layout != SIZE_MAX ? &e.body.decoded : NULL);
    if (row->kind == WT_ROW_MESSAGE && m->body.n)
        wt_json_number(j, wt_page_values_bytes(&p->values, m->body));
    else if (remark)
        wt_json_null(j);
    if (remark)
        wt_json_number(j, wt_page_values_line(&p->values, remark, strlen(remark)));
    wt_json_close(j, ']');
}

void wt_page_messages(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    struct wt_rows rows;
    struct wt_row row;
    wt_json_key(j, "messages");
    wt_json_open(j, '[');
    wt_rows_start(&rows, x->c);
    while (wt_rows_next(&rows, &row))
        message(p, j, x, &row);
    wt_json_close(j, ']');
    if (x->c->messages_dropped)
        wt_json_member_number(j, "messages_dropped", x->c->messages_dropped);
}
