/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/wire/grpc.h"

struct budget {
    size_t left;
};

static void *take(void *userdata, size_t size)
{
    struct budget *budget = userdata;
    if (size > budget->left)
        return NULL;
    budget->left -= size;
    return malloc(size);
}

/* What was freed on the way is not given back: one message, one budget. */
static void give(UNUSED void *userdata, void *pointer)
{
    free(pointer);
}

void *grpc_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes, size_t length)
{
    struct budget budget = { GRPC_UNPACKED_MAX };
    ProtobufCAllocator allocator = { .alloc = take, .free = give, .allocator_data = &budget };
    return protobuf_c_message_unpack(descriptor, &allocator, length, bytes);
}

void grpc_unpacked_free(void *message)
{
    ProtobufCAllocator allocator = { .alloc = take, .free = give };
    if (message)
        protobuf_c_message_free_unpacked(message, &allocator);
}

void grpc_unpacked_release(void *message_pointer)
{
    void *message;
    memcpy(&message, message_pointer, sizeof(message));
    grpc_unpacked_free(message);
}
