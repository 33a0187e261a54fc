/** What the studio's pages do beyond forms and links. Each island finds its own elements; a page without them costs nothing. */
import { again } from "./again";
import { arrange } from "./arrange";
import { copying } from "./copy";
import { device } from "./device";
import { fields } from "./fields";
import { focus } from "./focus";
import { press } from "./press";
import { preview } from "./preview";
import { publish } from "./publish";
import { upload } from "./upload";
import { windows } from "./windows";

copying();
device();
preview();
upload();
arrange();
focus();
fields();
press();
publish();
windows();
again();
