#include "wording/icmp.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* RFC 792; RFC 1812, 5.2.7.1; RFC 4443, 3. A code of 255 stands for all others. */
static const struct {
    uint8_t v6, type, code;
    const char *text;
} rows[] = {
    {0, 3, 0, N_("network unreachable")},
    {0, 3, 1, N_("host unreachable")},
    {0, 3, 3, N_("port unreachable")},
    {0, 3, 4, N_("packet too big, fragmentation needed")},
    {0, 3, 9, N_("administratively prohibited")},
    {0, 3, 10, N_("administratively prohibited")},
    {0, 3, 13, N_("administratively prohibited")},
    {0, 3, 255, N_("destination unreachable")},
    {0, 11, 255, N_("time to live exceeded")},
    {0, 12, 255, N_("parameter problem")},
    {1, 1, 0, N_("no route to destination")},
    {1, 1, 1, N_("administratively prohibited")},
    {1, 1, 3, N_("address unreachable")},
    {1, 1, 4, N_("port unreachable")},
    {1, 1, 255, N_("destination unreachable")},
    {1, 2, 255, N_("packet too big")},
    {1, 3, 255, N_("hop limit exceeded")},
    {1, 4, 255, N_("parameter problem")},
};

const char *wt_wording_icmp(uint8_t type, uint8_t code, bool v6)
{
    const uint8_t any = 255;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].v6 == v6 && rows[i].type == type && (rows[i].code == code || rows[i].code == any))
            return _(rows[i].text);
    return _("an error");
}

void wt_wording_icmp_report(const struct wt_icmp_error *error, uint32_t frame, char *out, size_t room)
{
    struct wt_address from = {.port = 0};
    char sender[46];
    memcpy(from.ip, error->sender, sizeof from.ip);
    (void)snprintf(
        out, room,
        _(" %s reported with ICMP (packet %" PRIu32 ") that the packets do not get through: %s (type %u, code %u)."),
        wt_address_format(&from, sender), frame, wt_wording_icmp(error->type, error->code, error->v6), error->type,
        error->code);
}
