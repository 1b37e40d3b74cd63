/** The one part of node-forge that is needed; the whole is some sixty modules, and every start would load them. */
declare module "node-forge/lib/asn1.js" {
  import { asn1 } from "node-forge";
  export default asn1;
}
