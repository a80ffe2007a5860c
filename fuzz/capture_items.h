/* A capture file as a list of packets and other blocks, that can be changed and written again. */
#ifndef WT_FUZZ_CAPTURE_ITEMS_H
#define WT_FUZZ_CAPTURE_ITEMS_H

#include "dice.h"

enum { ITEMS_MOST = 4096, ITEM_MOST = 1 << 16, LINK_ETHERNET = 1, LINK_RAW = 101 };

struct item {
    uint8_t *data; /* the packet's bytes; of another block of pcapng all of it */
    uint32_t n, original;
    uint64_t time; /* in the file's units */
    uint32_t interface;
    uint16_t link;
    bool is_packet;
};

struct items {
    struct item *all; /* room for ITEMS_MOST */
    size_t count;
    bool next_generation; /* pcapng */
    uint8_t head[24];     /* pcap's */
};

/* False when it is no capture in this machine's byte order, or memory is short. Bytes after a damage are left out. */
bool items_read(struct items *items, const uint8_t *data, size_t size);
void items_free(struct items *items);
/* Items that find no room are left out. Returns the size. */
size_t items_write(const struct items *items, uint8_t *data, size_t most);

void items_remove(struct items *items, size_t at);
/* A copy with these bytes before `at`; false without the room. */
bool items_insert(struct items *items, size_t at, const struct item *like, const uint8_t *bytes, size_t n);
/* Other bytes in the place of an item's. */
bool items_replace(struct items *items, size_t at, const uint8_t *bytes, size_t n);

/* Where an item's TCP segment is; false when there is none, or it was cut. */
struct tcp_view {
    uint8_t *ip, *tcp, *payload;
    size_t n;    /* of the payload */
    size_t tail; /* bytes after the IP packet */
    bool v6;
};
bool items_tcp(const struct item *item, struct tcp_view *view);
/* The checksums of IP and TCP as they have to be. */
void items_checksums(const struct item *item);
/* 1 when both are of one conversation and direction, -1 of the other direction, else 0. */
int items_direction(const struct item *one, const struct item *other);

uint16_t load16be(const uint8_t *p);
uint32_t load32be(const uint8_t *p);
void store16be(uint8_t *p, size_t value);
void store32be(uint8_t *p, uint32_t value);

#endif
