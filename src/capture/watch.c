#include "capture/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Administratively up, and with a carrier: without either no packet comes. */
static bool is_up(unsigned flags)
{
    return (flags & IFF_UP) && (flags & IFF_RUNNING);
}

/* What the kernel says now; as before where it does not know. */
static bool ask(const struct wt_watch *w)
{
    struct ifreq request = {.ifr_flags = 0};
    if (!if_indextoname((unsigned)w->index, request.ifr_name) || ioctl(w->fd, SIOCGIFFLAGS, &request) != 0)
        return w->up;
    return is_up((unsigned)request.ifr_flags);
}

void wt_watch_open(struct wt_watch *w, const char *interface)
{
    const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    const unsigned index = if_nametoindex(interface);
    *w = (struct wt_watch){.fd = -1, .index = (int)index, .up = true};
    if (!index) /* several at once, or a source of packets that is no interface */
        return;
    w->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (w->fd < 0)
        return;
    if (bind(w->fd, (const struct sockaddr *)&group, sizeof group) != 0)
        wt_watch_close(w);
    else
        w->up = ask(w);
}

bool wt_watch_look(struct wt_watch *w)
{
    struct nlmsghdr header;
    uint8_t message[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
    const bool before = w->up;
    const ssize_t n = w->fd < 0 ? -1 : recv(w->fd, message, sizeof message, 0);
    if (n < 0) {
        if (w->fd >= 0 && errno == ENOBUFS) /* so much has changed that messages were lost */
            w->up = ask(w);
        return w->up != before;
    }
    if ((size_t)n < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
        return false;
    memcpy(&header, message, sizeof header);
    struct ifinfomsg link;
    memcpy(&link, message + NLMSG_HDRLEN, sizeof link);
    /* one that is removed is libpcap's to report */
    if (header.nlmsg_type == RTM_NEWLINK && link.ifi_index == w->index)
        w->up = is_up(link.ifi_flags);
    return w->up != before;
}

void wt_watch_close(struct wt_watch *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
}
