/* A Modbus TCP server made of libmodbus: holding registers 0 to 99 hold 100 + address, coils 0 to 15 are set at even places.
   argv: address, port. Prints "ready" once it listens. Serves one connection after another. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    modbus_t *context = modbus_new_tcp(argv[1], atoi(argv[2]));
    modbus_mapping_t *mapping = modbus_mapping_new(16, 16, 100, 100);
    if (!context || !mapping)
        return 3;
    for (int i = 0; i < 100; i++)
        mapping->tab_registers[i] = 100 + i;
    for (int i = 0; i < 16; i++)
        mapping->tab_bits[i] = i % 2 == 0;
    /* 123.5f is 42F70000; its helpers of that name differ between libmodbus releases, so the words are put one by one. */
    const uint16_t floats[] = {0x42F7, 0x0000, 0x0000, 0x42F7, 0xF742, 0x0000, 0x0000, 0xF742};
    for (int i = 0; i < 8; i++)
        mapping->tab_registers[50 + i] = floats[i];
    int listener = modbus_tcp_listen(context, 4);
    if (listener < 0)
        return 4;
    puts("ready");
    fflush(stdout);
    for (;;) {
        if (modbus_tcp_accept(context, &listener) < 0)
            return 5;
        uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
        int length;
        while ((length = modbus_receive(context, query)) >= 0)
            if (length > 0)
                modbus_reply(context, query, length, mapping);
        modbus_close(context);
    }
}
