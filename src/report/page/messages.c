/* The messages of a connection, in the rows of its story. */
#include "report/page/messages.h"

#include "codec/codec.h"
#include "codec/header_fields.h"
#include "registry/registry.h"
#include "report/page/block.h"
#include "report/page/explained.h"
#include "report/page/fields.h"
#include "report/page/learns.h"
#include "report/text/names.h"
#include "report/text/remark.h"

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
    wt_page_header_fields(p, j, "header_fields", "handshake", wt_handshake_header_fields, wt_span_of(bytes, sizeof bytes));
}

/* Of the first record that carried it. */
static void record_header(struct wt_page *p, struct wt_json *j, const struct wt_connection *c, const struct wt_message *m)
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

static void content(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_message *m)
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
    wt_page_message_fields(p, j, x, m);
    wt_page_message_certificates(p, j, x->c, m);
}

static const struct {
    unsigned flag;
    const char *key;
} flags[] = {
    {WT_MESSAGE_ENCRYPTED, "encrypted"},   {WT_MESSAGE_DECRYPTED, "opened"}, {WT_MESSAGE_MALFORMED, "malformed"},
    {WT_MESSAGE_UNEXPECTED, "unexpected"}, {WT_MESSAGE_RETRY, "retry"},      {WT_MESSAGE_SSL2, "ssl2"},
};

/* All but when and in which packet it came, and its bytes: other connections have one that is the same in this. */
static void kind(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_row *row)
{
    const struct wt_message *m = &x->c->messages[row->first];
    const char *remark = wt_text_remark(x, row);
    wt_json_open(j, '{');
    wt_json_member_number(j, "kind", row->kind);
    wt_json_member_number(j, "from", row->from);
    wt_json_member_text(j, "name", wt_text_row(x, row));
    if (remark)
        wt_json_member_text(j, "remark", remark);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        wt_json_member_flag(j, flags[i].key, m->flags & flags[i].flag);
    wt_json_member_number(j, "record", m->record);
    pieces(j, m);
    if (row->kind == WT_ROW_MESSAGE)
        content(p, j, x, m);
    else
        run(p, j, x->c, row);
    wt_page_learns(p, j, x->c, row);
    wt_json_member_number(j, "explain", wt_page_explained(p, x, row));
    wt_json_close(j, '}');
}

static void message(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_row *row)
{
    const struct wt_message *m = &x->c->messages[row->first];
    struct wt_output output;
    struct wt_json like;
    wt_page_like_start(p, &like, &output);
    kind(p, &like, x, row);
    wt_json_open(j, '[');
    wt_json_number(j, wt_page_like_end(p, &like));
    wt_json_integer(j, m->time.ns - x->c->start.ns);
    wt_json_number(j, m->frame);
    if (row->kind == WT_ROW_MESSAGE && m->body.n)
        wt_json_number(j, wt_page_values_bytes(&p->values, m->body));
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
