/** Lost connections are what is measured: nobody need read of them. */
export const quietLogger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLogger };
