import type { ReactNode } from "react";
import { Button, Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import "../styles/overlays.css";

export interface Action {
  id: string;
  name: string;
  onAction: () => void;
  disabled?: boolean;
  /** What cannot be taken back. */
  danger?: boolean;
}

interface Props {
  /** What the button is called: by its visible words, or for screen readers where it shows a sign alone. */
  label: string;
  /** What the button shows; its label where nothing is given. */
  children?: ReactNode;
  /** Groups of actions, with a line between them. */
  actions: Action[][];
  className?: string;
}

/** A button that opens a list of actions: arrow keys, first letters, Esc. */
export function ActionMenu({ label, children, actions, className = "quiet" }: Props) {
  const groups = actions.filter((group) => group.length > 0);
  return (
    <MenuTrigger>
      <Button className={className} {...(children === undefined ? {} : { "aria-label": label })}>
        {children ?? label}
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={label}>
          {groups.flatMap((group, index) => [
            ...(index === 0 ? [] : [<Separator key={`line ${index}`} className="menu-line" />]),
            ...group.map(({ id, name, onAction, disabled, danger }) => (
              <MenuItem
                key={id}
                id={id}
                className={danger === true ? "menu-item danger" : "menu-item"}
                isDisabled={disabled === true}
                onAction={onAction}
              >
                {name}
              </MenuItem>
            )),
          ])}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
