/* An explanation depends on few facts of a message and its connection. They are gathered, and messages of which they were
 * the same before have the same explanation. What is new is explained from these facts alone: a connection and a message
 * are made of them that have nothing else. So nothing can be said that depends on more. */
#include "report/page/explained.h"

#include "base/uninitialized.h"
#include "codec/codec.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/explain/proofs.h"
#include "report/text/proofs.h"

/* The record whose header is told with the message. */
static const struct wt_record_seen *record_of(const struct wt_connection *c, const struct wt_message *m)
{
    return wt_connection_record(c, (enum wt_side)m->from, m->piece_count ? m->pieces[0].record : m->record);
}

static void take_record(struct wt_page_facts *f, const struct wt_record_seen *r)
{
    if (!r)
        return;
    f->r_seen = 1;
    f->r_header_length = r->header_length;
    memcpy(f->r_header, r->header, sizeof f->r_header);
    f->r_type = r->type;
    f->r_version = r->version;
    f->r_length = r->length;
    f->r_opened = r->opened;
    f->r_inner = r->inner_type;
    f->r_plaintext = r->plaintext_length;
    f->r_padding = r->padding_length;
}

static void take_message(struct wt_page_facts *f, const struct wt_message *m)
{
    f->from = m->from;
    f->content_type = m->content_type;
    f->type = m->type;
    f->inner_type = m->inner_type;
    f->flags = m->flags;
    f->level = m->level;
    f->record_version = m->record_version;
    f->records = m->records;
    f->length = m->length;
    f->record_length = m->record_length;
    f->shape_version = m->shape.version;
    f->shape_kx = (uint8_t)m->shape.kx;
    f->shape_certificate = m->shape.certificate_type;
    f->pieces = m->piece_count > 0;
    f->inside = m->piece_count ? m->pieces[0].inside : 0;
    if (m->content_type == WT_CONTENT_ALERT && m->body.n == sizeof f->body) {
        f->body_length = sizeof f->body;
        memcpy(f->body, m->body.p, sizeof f->body);
    }
}

/* Whether a message with this proof names the scheme of a signature. */
static bool is_signed(const struct wt_row *row, const struct wt_message *m, int proof)
{
    return proof >= 0 && m->type != WT_HANDSHAKE_FINISHED && !row->finished_here;
}

/* An alert of another length is damaged. */
bool wt_page_facts(struct wt_page_facts *f, const struct wt_text *x, const struct wt_row *row)
{
    const struct wt_connection *c = x->c;
    const struct wt_message *m = &c->messages[row->first];
    const int proof = wt_text_proof_of(x, m);
    if (m->content_type == WT_CONTENT_ALERT && m->body.n && m->body.n != sizeof f->body)
        return false;
    memset(f, 0, sizeof *f); /* compared as bytes */
    f->kind = (uint8_t)row->kind;
    f->row_from = (uint8_t)row->from;
    f->finished = row->finished_here;
    f->version = c->version;
    f->offered = c->offered;
    f->has_suite = c->has_suite;
    f->suite = c->cipher_suite;
    f->resumption = c->resumption;
    f->early_data = c->early_data;
    if (proof >= 0) {
        f->proof = (uint8_t)(proof + 1);
        f->result = c->proofs[proof].result;
        f->reason = c->proofs[proof].reason;
    }
    f->scheme = is_signed(row, m, proof) ? wt_explain_scheme(m) : 0;
    take_message(f, m);
    take_record(f, record_of(c, m));
    return true;
}

/* --- and back ----------------------------------------------------------------------------------------------------- */

struct made {
    struct wt_connection c;
    struct wt_message m;
    struct wt_message_piece piece;
    struct wt_record_seen r;
    struct wt_row row;
};

/* Of a signed message its body is there, from which its scheme is read. */
static void make_message(struct made *made, const struct wt_page_facts *f, struct wt_span body)
{
    made->piece = (struct wt_message_piece){.record = 1, .inside = f->inside};
    made->m = (struct wt_message){.frame = 1,
                                  .from = f->from,
                                  .content_type = f->content_type,
                                  .type = f->type,
                                  .inner_type = f->inner_type,
                                  .flags = f->flags,
                                  .record_version = f->record_version,
                                  .records = f->records,
                                  .length = f->length,
                                  .record_length = f->record_length,
                                  .record = 1,
                                  .body = f->scheme ? body : wt_span_of(f->body_length ? f->body : NULL, f->body_length),
                                  .pieces = f->pieces ? &made->piece : NULL,
                                  .piece_count = f->pieces};
    made->m.shape.version = f->shape_version;
    made->m.shape.kx = f->shape_kx;
    made->m.shape.certificate_type = f->shape_certificate;
    made->r = (struct wt_record_seen){.number = 1,
                                      .from = f->from,
                                      .header_length = f->r_header_length,
                                      .type = f->r_type,
                                      .version = f->r_version,
                                      .length = f->r_length,
                                      .opened = f->r_opened,
                                      .inner_type = f->r_inner,
                                      .plaintext_length = f->r_plaintext,
                                      .padding_length = f->r_padding};
    memcpy(made->r.header, f->r_header, sizeof made->r.header);
}

static void make(struct made *made, const struct wt_page_facts *f, struct wt_span body)
{
    make_message(made, f, body);
    made->c = (struct wt_connection){.version = f->version,
                                     .offered = f->offered,
                                     .has_suite = f->has_suite,
                                     .cipher_suite = f->suite,
                                     .resumption = f->resumption,
                                     .early_data = f->early_data,
                                     .messages = &made->m,
                                     .message_count = 1,
                                     .records = f->r_seen ? &made->r : NULL,
                                     .record_count = f->r_seen};
    if (f->proof)
        made->c.proofs[f->proof - 1] =
            (struct wt_proof_verdict){.result = f->result, .reason = f->reason, .frame = made->m.frame};
    made->row = (struct wt_row){.kind = f->kind, .from = f->row_from, .finished_here = f->finished};
}

/* --- said --------------------------------------------------------------------------------------------------------- */

static size_t say(struct wt_page *p, struct wt_text *x, const struct wt_row *row)
{
    memset(x->told, 0, sizeof x->told);
    x->data_told = x->suite_told = false;
    wt_explain_row(x, row);
    return wt_page_lines(p);
}

size_t wt_page_explained(struct wt_page *p, struct wt_text *x, const struct wt_row *row, const struct wt_page_facts *f)
{
    const struct wt_connection *c = x->c;
    struct made made WT_UNINITIALIZED;
    bool is_new;
    if (!f)
        return say(p, x, row);
    const size_t at = wt_page_values_enter(&p->known, WT_PAGE_EXPLAINED, wt_span_of((const uint8_t *)f, sizeof *f), &is_new);
    if (at == SIZE_MAX)
        return SIZE_MAX;
    if (is_new) {
        make(&made, f, c->messages[row->first].body);
        x->c = &made.c;
        p->known.list[at].first = (uint32_t)say(p, x, &made.row);
        x->c = c;
    }
    return p->known.list[at].first;
}
