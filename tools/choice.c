#include "choice.h"

#include "wiretale/quic.h"

bool tool_choice_add(struct wt_choice *choice, const struct wt_connection *c)
{
    bool ok = true;
    if (c->quic && c->quic->path_count)
        for (size_t i = 0; i < c->quic->path_count; i++) {
            const struct wt_quic_path_seen *p = &c->quic->paths[i];
            ok = ok && wt_choice_add_udp(choice, p->client.ip, p->client.port, p->server.ip, p->server.port,
                                         p->first_frame, p->last_frame);
        }
    else if (c->protocol == WT_PROTOCOL_QUIC || c->protocol == WT_PROTOCOL_DTLS)
        ok = wt_choice_add_udp(choice, c->client.ip, c->client.port, c->server.ip, c->server.port, c->first_frame,
                               c->last_frame);
    else
        ok = wt_choice_add(choice, c->client.ip, c->client.port, c->server.ip, c->server.port, c->first_frame,
                           c->last_frame);
    return ok;
}
