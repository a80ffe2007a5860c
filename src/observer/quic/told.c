#include "observer/quic/told.h"

#include "base/array.h"
#include "base/memory.h"
#include "codec/ext/ext.h"
#include "registry/registry.h"
#include "wiretale/quic_packet.h"

/* RFC 9000, 18.2: ack_delay_exponent: "If this value is absent, a default value of 3 is assumed". */
enum { ACK_DELAY_EXPONENT = 0x0a, EXPONENT_DEFAULT = 3, EXPONENT_MOST = 20 };

struct wt_quic_told {
    uint64_t connection;
    struct wt_buffer parameters[2]; /* by side: that were not told yet */
    bool old[2];                    /* the form that they have */
    uint8_t exponent[2];
    bool begun;
};

static struct wt_quic_told *told_of(struct wt_quic *q)
{
    if (!q->o->options.quic_packet || q->c->tls->unwanted)
        return NULL;
    if (!q->told && (q->told = wt_calloc(1, sizeof *q->told))) {
        q->told->connection = ++q->o->quic_told;
        q->told->exponent[0] = q->told->exponent[1] = EXPONENT_DEFAULT;
    }
    return q->told;
}

void wt_quic_told_parameters(struct wt_quic *q, unsigned from, struct wt_ext_quic_transport_parameters all)
{
    struct wt_quic_told *t = told_of(q);
    struct wt_span value;
    uint64_t id, number;
    if (!t)
        return;
    t->parameters[from].n = 0;
    t->old[from] = all.old;
    (void)wt_buffer_add(&t->parameters[from], all.parameters.p, all.parameters.n);
    while (all.parameters.n && wt_ext_quic_next(&all, &id, &value))
        if (id == ACK_DELAY_EXPONENT && wt_ext_quic_number(value, &number) && number <= EXPONENT_MOST)
            t->exponent[from] = (uint8_t)number;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* What is made of a packet while it is told. */
struct making {
    struct wt_quic_frame_told *frames;
    struct wt_quic_range *ranges; /* of all its ACKs, in a row */
    size_t frame_count, frame_room, range_count, range_room, left_out;
};

static void add_ranges(struct making *m, const struct wt_quic_ack *ack, struct wt_quic_frame_told *out)
{
    enum { LEAST = 16 };
    struct wt_quic_ack_walk walk = {0};
    while (wt_quic_ack_next(ack, &walk)) {
        if (!wt_array_grow_within(&m->ranges, m->range_count, &m->range_room, sizeof *m->ranges, LEAST,
                                  WT_LIMIT_QUIC_TOLD_RANGES)) {
            m->left_out++;
            return;
        }
        m->ranges[m->range_count++] = (struct wt_quic_range){walk.smallest, walk.largest};
        out->range_count++;
    }
}

static void take_ack(struct making *m, const struct wt_quic_ack *ack, unsigned exponent, struct wt_quic_frame_told *out)
{
    out->ack_delay = ack->ack_delay << exponent >> exponent == ack->ack_delay ? ack->ack_delay << exponent : UINT64_MAX;
    out->has_ecn = ack->has_ecn;
    out->ect0 = ack->ect0_count;
    out->ect1 = ack->ect1_count;
    out->ce = ack->ecn_ce_count;
    add_ranges(m, ack, out);
}

/* The lowest bit of their types: RFC 9000, 19.11 and 19.14: "0x13 … unidirectional streams", "0x17". */
static bool is_unidirectional(const struct wt_quic_frame *f)
{
    return (f->kind == WT_FRAME_MAX_STREAMS || f->kind == WT_FRAME_STREAMS_BLOCKED) && f->type & 1;
}

static void add_frame(struct making *m, const struct wt_quic_frame *f, unsigned exponent)
{
    enum { LEAST = 16 };
    if (!wt_array_grow_within(&m->frames, m->frame_count, &m->frame_room, sizeof *m->frames, LEAST,
                              WT_LIMIT_QUIC_TOLD_FRAMES)) {
        m->left_out++;
        return;
    }
    struct wt_quic_frame_told *out = &m->frames[m->frame_count++];
    *out = (struct wt_quic_frame_told){.id = wt_quic_frame_id(f->kind),
                                       .type = f->type,
                                       .data = f->token.n ? f->token : f->data,
                                       .stream_id = f->stream_id,
                                       .offset = f->offset,
                                       .fin = f->kind == WT_FRAME_STREAM && f->type & WT_STREAM_FIN,
                                       .unidirectional = is_unidirectional(f),
                                       .application = f->kind == WT_FRAME_APPLICATION_CLOSE,
                                       .error_code = f->error_code,
                                       .frame_type = f->frame_type,
                                       .reason = f->reason_phrase,
                                       .final_size = f->final_size,
                                       .reliable_size = f->reliable_size,
                                       .maximum = f->maximum,
                                       .sequence_number = f->sequence_number,
                                       .retire_prior_to = f->retire_prior_to,
                                       .connection_id = f->connection_id,
                                       .reset_token = f->stateless_reset_token};
    if (f->kind == WT_FRAME_ACK)
        take_ack(m, &f->ack, exponent, out);
}

static void read_frames(struct making *m, const struct wt_quic_told *t, const struct wt_quic_sent *p)
{
    /* 13.2.5, and 18.2: the exponent is for the ACKs of 1-RTT packets; before, nothing of it is known to the peer. */
    const unsigned exponent = p->type == WT_QUIC_1RTT ? t->exponent[p->from] : EXPONENT_DEFAULT;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, p->payload, NULL);
    struct wt_quic_frame frame;
    while (wt_reader_left(&r)) {
        const bool read = wt_quic_frame_read(&r, &frame);
        add_frame(m, &frame, exponent);
        decode.error = (struct wt_error){.code = WT_OK};
        if (!read)
            break;
    }
    /* where an array was moved, what was taken from it has to follow */
    const struct wt_quic_range *next = m->ranges;
    for (size_t i = 0; i < m->frame_count; i++) {
        const size_t count = m->frames[i].range_count;
        m->frames[i].ranges = count ? next : NULL;
        next = count ? next + count : next;
    }
}

/* --- transport parameters ----------------------------------------------------------------------------------------- */

static size_t read_parameters(struct wt_ext_quic_transport_parameters all, struct wt_quic_parameter_told *out,
                              size_t room)
{
    struct wt_span value;
    uint64_t id;
    size_t n = 0;
    while (n < room && all.parameters.n && wt_ext_quic_next(&all, &id, &value)) {
        struct wt_quic_parameter_told *p = &out[n++];
        *p = (struct wt_quic_parameter_told){
            .id = id, .name = wt_registry_name(WT_REG_QUIC_PARAMETER, id), .value = value};
        p->has_number = wt_ext_quic_is_number(id) && wt_ext_quic_number(value, &p->number);
    }
    return n;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static void fill_addresses(const struct wt_quic *q, struct wt_quic_packet_told *out)
{
    const struct wt_conversation *c = q->c;
    const unsigned client = c->tls->client;
    memcpy(out->client.ip, q->path ? q->path->ends.ip[WT_CLIENT] : c->ip[client], 16);
    memcpy(out->server.ip, q->path ? q->path->ends.ip[WT_SERVER] : c->ip[!client], 16);
    out->client.port = q->path ? q->path->ends.port[WT_CLIENT] : c->port[client];
    out->server.port = q->path ? q->path->ends.port[WT_SERVER] : c->port[!client];
}

static struct wt_quic_packet_told packet_of(const struct wt_quic *q, const struct wt_quic_told *t)
{
    struct wt_quic_packet_told out = {.file = q->o->file ? q->o->file : "",
                                      .connection = t->connection,
                                      .stream = q->c->stream,
                                      .odcid = wt_quic_cid_span(&q->original),
                                      .frame = q->o->frame,
                                      .time = q->o->now};
    fill_addresses(q, &out);
    return out;
}

static void tell(struct wt_observer *o, const struct wt_quic_packet_told *packet)
{
    wt_observer_quiet(o, false);
    o->options.quic_packet(o->options.context, packet);
    wt_observer_quiet(o, true);
}

static void tell_with_parameters(struct wt_quic *q, const struct wt_quic_sent *p, struct wt_quic_packet_told *out)
{
    enum { PARAMETERS = 64 };
    struct wt_quic_parameter_told parameters[PARAMETERS];
    struct wt_quic_told *t = q->told;
    out->parameters = parameters;
    out->parameter_count = read_parameters(
        (struct wt_ext_quic_transport_parameters){wt_buffer_span(&t->parameters[p->from]), t->old[p->from]}, parameters,
        PARAMETERS);
    tell(q->o, out);
    wt_buffer_free(&t->parameters[p->from]);
}

static void tell_packet(struct wt_quic *q, const struct wt_quic_sent *p, bool opened)
{
    struct wt_quic_told *t = q->told;
    struct making m = {.frames = NULL};
    struct wt_quic_packet_told out = packet_of(q, t);
    t->begun = true;
    out.from = (uint8_t)p->from;
    out.opened = opened;
    out.type = wt_quic_packet_id(p->type);
    out.version = p->header->version;
    out.dcid = p->header->dcid;
    out.scid = p->header->scid;
    out.token = p->header->token;
    out.supported_versions = p->header->supported_versions;
    out.length = (uint32_t)p->bytes.n;
    out.ready = q->c->tls->outcome.ready_ns != 0;
    if (opened) {
        out.number = p->number;
        out.key_phase = p->type == WT_QUIC_1RTT ? q->side[p->from].key_updates : 0;
        read_frames(&m, t, p);
    }
    out.frames = m.frames;
    out.frame_count = m.frame_count;
    out.frames_left_out = m.left_out;
    if (t->parameters[p->from].n)
        tell_with_parameters(q, p, &out);
    else
        tell(q->o, &out);
    free(m.frames);
    free(m.ranges);
}

void wt_quic_told_packet(struct wt_quic *q, const struct wt_quic_sent *p, bool opened)
{
    if (told_of(q)) /* mostly nobody asks: nothing of what telling needs is made ready */
        tell_packet(q, p, opened);
}

void wt_quic_told_end(struct wt_quic *q)
{
    if (!q->told || !q->told->begun || q->c->tls->unwanted)
        return;
    struct wt_quic_packet_told out = packet_of(q, q->told);
    out.end = true;
    tell(q->o, &out);
}

void wt_quic_told_free(struct wt_quic_told *t)
{
    if (!t)
        return;
    wt_buffer_free(&t->parameters[0]);
    wt_buffer_free(&t->parameters[1]);
    free(t);
}

size_t wt_quic_told_bytes(const struct wt_quic_told *t)
{
    return t ? sizeof *t + t->parameters[0].cap + t->parameters[1].cap : 0;
}
